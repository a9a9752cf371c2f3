package cloud.runbeam.wgagent.app.tunnel;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Asks the system for the addresses of a host. May block for seconds. Any thread. */
@FunctionalInterface
public interface NameResolver {
  /**
   * The addresses of {@code host} in the system's order of preference, at least one. An address in
   * text is its own answer.
   *
   * @throws UnknownHostException if there is none
   */
  List<InetAddress> resolve(String host) throws UnknownHostException;
}
