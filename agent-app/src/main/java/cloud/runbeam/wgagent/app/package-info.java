/** The agent: reads configuration, keeps tunnels, answers on the control socket. */
@NullMarked
package cloud.runbeam.wgagent.app;

import org.jspecify.annotations.NullMarked;
