/** Tests of what is remembered. */
@NullMarked
package cloud.runbeam.wgagent.app.flight;

import org.jspecify.annotations.NullMarked;
