/** What the agent keeps in its state directory across restarts. */
@NullMarked
package cloud.runbeam.wgagent.app.state;

import org.jspecify.annotations.NullMarked;
