/** Tests of the log. */
@NullMarked
package cloud.runbeam.wgagent.app.logging;

import org.jspecify.annotations.NullMarked;
