/** Tests of traces. */
@NullMarked
package cloud.runbeam.wgagent.app.tracing;

import org.jspecify.annotations.NullMarked;
