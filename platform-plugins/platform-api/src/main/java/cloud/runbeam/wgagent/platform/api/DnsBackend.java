package cloud.runbeam.wgagent.platform.api;

import java.util.List;

/**
 * The way in which a machine's name servers are changed.
 *
 * @param name {@code resolved}, {@code resolvconf}, {@code networkmanager}, {@code file} or {@code
 *     none}
 * @param splitDns whether it can ask other servers for other domains
 * @param passedOver why each better way is not used, for an operator; with {@code none}, also what
 *     to do
 */
public record DnsBackend(String name, boolean splitDns, List<String> passedOver) {
  /** Copies the list. */
  public DnsBackend {
    passedOver = List.copyOf(passedOver);
  }
}
