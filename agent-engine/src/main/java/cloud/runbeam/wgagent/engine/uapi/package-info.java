/**
 * The cross-platform configuration protocol of WireGuard (https://www.wireguard.com/xplatform/), by
 * which {@code wg} reads and changes a device. {@link
 * cloud.runbeam.wgagent.engine.uapi.UapiSession} serves one connection; who may connect is decided
 * where the socket is opened.
 */
@NullMarked
package cloud.runbeam.wgagent.engine.uapi;

import org.jspecify.annotations.NullMarked;
