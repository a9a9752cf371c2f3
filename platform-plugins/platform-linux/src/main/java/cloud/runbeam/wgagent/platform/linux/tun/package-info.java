/**
 * TUN devices of {@code /dev/net/tun} (Documentation/networking/tuntap.rst): {@link
 * cloud.runbeam.wgagent.platform.linux.tun.TunFactory} makes them, {@link
 * cloud.runbeam.wgagent.platform.linux.tun.LinuxTun} carries frames, {@code LinkWatch} follows the
 * link wherever it is moved.
 */
@NullMarked
package cloud.runbeam.wgagent.platform.linux.tun;

import org.jspecify.annotations.NullMarked;
