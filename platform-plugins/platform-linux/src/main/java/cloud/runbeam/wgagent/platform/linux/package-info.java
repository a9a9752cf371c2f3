/**
 * Linux: {@link cloud.runbeam.wgagent.platform.linux.LinuxPlatform} joins TUN, UDP, netlink,
 * clocks, entropy and memory protection into the plugin that the agent asks for.
 */
@NullMarked
package cloud.runbeam.wgagent.platform.linux;

import org.jspecify.annotations.NullMarked;
