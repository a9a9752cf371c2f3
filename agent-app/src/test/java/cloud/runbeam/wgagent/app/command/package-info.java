/** Tests of the control commands. */
@NullMarked
package cloud.runbeam.wgagent.app.command;

import org.jspecify.annotations.NullMarked;
