/**
 * UDP sockets with batches, sticky source addresses and segmentation offload.
 *
 * <p>One socket serves both families: an IPv6 socket that takes IPv4 in mapped form (RFC 3493
 * section 3.7). Two sockets, as the kernel's WireGuard has them, would need a poll before each
 * receive, would have to agree on a free port, and would make two of everything; what they would
 * buy, options per family, the one socket has as well: it accepts the IPv4 level's options and
 * control messages for its IPv4 packets. Where the machine has no IPv6, an IPv4 socket takes its
 * place.
 */
@NullMarked
package cloud.runbeam.wgagent.platform.linux.udp;

import org.jspecify.annotations.NullMarked;
