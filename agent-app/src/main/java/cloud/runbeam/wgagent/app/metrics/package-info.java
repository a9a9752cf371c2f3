/** What Prometheus sees of the tunnels. */
@NullMarked
package cloud.runbeam.wgagent.app.metrics;

import org.jspecify.annotations.NullMarked;
