/**
 * Routing netlink (rtnetlink(7)): interfaces, addresses and routes, asked for and listened to.
 *
 * <p>Each operation opens a socket of its own, a few microseconds, so that nothing is shared
 * between threads and every operation happens in the network namespace of the thread that asks.
 * Replies are parsed as if a stranger had sent them: no length is believed before it is compared.
 */
@NullMarked
package cloud.runbeam.wgagent.platform.linux.netlink;

import org.jspecify.annotations.NullMarked;
