/**
 * What is deployed to containers: the chart in {@code charts/wg-agent}, the Compose file in {@code
 * deploy}.
 */
@NullMarked
package cloud.runbeam.wgagent.charts;

import org.jspecify.annotations.NullMarked;
