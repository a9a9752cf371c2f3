/**
 * The system's name servers: systemd-resolved, resolvconf, NetworkManager or the plain file,
 * whichever rules this machine.
 *
 * <p>{@link cloud.runbeam.wgagent.platform.linux.dns.LinuxDns} asks each {@link
 * cloud.runbeam.wgagent.platform.linux.dns.DnsMethod} in that order what stands in its way, and
 * takes the first that nothing does. Programs of the system are run without a shell, with a fixed
 * list of arguments, a clean environment and a limit of time ({@link
 * cloud.runbeam.wgagent.platform.linux.tool.SystemTools}).
 */
@NullMarked
package cloud.runbeam.wgagent.platform.linux.dns;

import org.jspecify.annotations.NullMarked;
