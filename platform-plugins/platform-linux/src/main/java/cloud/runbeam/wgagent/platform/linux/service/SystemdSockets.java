package cloud.runbeam.wgagent.platform.linux.service;

import cloud.runbeam.wgagent.platform.api.InheritedSockets;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.ffi.SeldomLibC;
import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.Map;
import java.util.Optional;

/**
 * Socket activation (sd_listen_fds(3)): descriptor 3 is the socket if {@code LISTEN_PID} is this
 * process. Java makes a channel of descriptor 0 only ({@link System#inheritedChannel}), so it is
 * copied there; nobody reads the standard input of a service.
 */
public final class SystemdSockets implements InheritedSockets {
  /** {@code SD_LISTEN_FDS_START} of systemd/sd-daemon.h. */
  private static final int FIRST_DESCRIPTOR = 3;

  private static final String ATTEMPT = "cannot take over the socket of the service manager";
  private static final String ADVICE =
      "use a socket unit with one ListenStream=/run/wg-agent/control.sock";

  private final Map<String, String> environment;
  private final long pid;

  /** Sockets named by {@code environment}, for the process {@code pid}. */
  public SystemdSockets(Map<String, String> environment, long pid) {
    this.environment = Map.copyOf(environment);
    this.pid = pid;
  }

  @Override
  public Optional<ServerSocketChannel> control() throws PlatformException {
    String count = environment.getOrDefault("LISTEN_FDS", "0");
    if (!Long.toString(pid).equals(environment.get("LISTEN_PID")) || count.equals("0")) {
      return Optional.empty();
    }
    if (!count.equals("1")) {
      throw new PlatformException(ATTEMPT, "LISTEN_FDS is " + count, ADVICE);
    }
    try {
      SeldomLibC.get().dup2(FIRST_DESCRIPTOR, 0);
      if (System.inheritedChannel() instanceof ServerSocketChannel channel
          && channel.getLocalAddress() instanceof UnixDomainSocketAddress) {
        return Optional.of(channel);
      }
      throw new PlatformException(ATTEMPT, "it is no listening local stream socket", ADVICE);
    } catch (LastErrorException | IOException refused) {
      throw new PlatformException(ATTEMPT, String.valueOf(refused.getMessage()), ADVICE);
    }
  }
}
