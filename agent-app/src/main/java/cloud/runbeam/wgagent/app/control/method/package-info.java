/** One class for each verb of the control API. */
@NullMarked
package cloud.runbeam.wgagent.app.control.method;

import org.jspecify.annotations.NullMarked;
