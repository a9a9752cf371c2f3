/**
 * The control socket: {@link cloud.runbeam.wgagent.app.control.ControlServer} accepts, {@link
 * cloud.runbeam.wgagent.app.control.ControlConnection} holds a caller to the limits, {@code .rpc}
 * understands the lines, {@code .method} does what they ask.
 */
@NullMarked
package cloud.runbeam.wgagent.app.control;

import org.jspecify.annotations.NullMarked;
