package cloud.runbeam.wgagent.app.host;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a network stands on this machine.
 *
 * @param dnsBackend what DNS was given to: {@code resolved}, {@code resolvconf}, {@code
 *     networkmanager}, {@code file}, {@code none}
 * @param killSwitch empty where the network has none; otherwise whether it was found to hold, and
 *     in words
 * @param table the table that holds the default route into the tunnel, where we made one
 * @param fwmark mark of outer packets, 0 for none
 * @param remarks what could not be done and why that is no failure
 */
public record HostStatus(
    String dnsBackend,
    Optional<Verdict> killSwitch,
    OptionalInt table,
    int fwmark,
    List<String> remarks) {

  /** Copies the list. */
  public HostStatus {
    remarks = List.copyOf(remarks);
  }

  /**
   * What the self-check of the kill switch found.
   *
   * @param blocking whether the firewall was read back and lets nothing out but what it should
   * @param text the finding in words
   */
  public record Verdict(boolean blocking, String text) {}
}
