/**
 * The socket of a device's text protocol, {@code /var/run/wireguard/NAME.sock}: where the {@code
 * wg} tool finds it. What is said over a connection is the engine's business ({@code engine.uapi}).
 */
@NullMarked
package cloud.runbeam.wgagent.app.uapi;

import org.jspecify.annotations.NullMarked;
