@NullMarked
package cloud.runbeam.wgagent.app.metrics;

import org.jspecify.annotations.NullMarked;
