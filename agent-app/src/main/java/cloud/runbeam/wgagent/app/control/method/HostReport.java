package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.host.HostStatus;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;

/**
 * What a network has changed on this machine beyond addresses and routes.
 *
 * @param dns what its name servers were given to; absent if it has none
 * @param killSwitch whether the kill switch was read back and found to hold
 * @param table the table with the default route into the tunnel
 * @param fwmark mark of outer packets
 * @param remarks what could not be done and why that is no failure
 */
public record HostReport(
    Optional<String> dns,
    @JsonProperty("kill_switch") Optional<KillSwitchReport> killSwitch,
    Optional<Integer> table,
    Optional<Integer> fwmark,
    Optional<List<String>> remarks) {

  /** Empty where there is nothing to tell. */
  static Optional<HostReport> of(Optional<HostStatus> host) {
    return host.map(HostReport::of)
        .filter(
            report ->
                report.dns().isPresent()
                    || report.killSwitch().isPresent()
                    || report.table().isPresent()
                    || report.fwmark().isPresent()
                    || report.remarks().isPresent());
  }

  private static HostReport of(HostStatus host) {
    return new HostReport(
        Optional.of(host.dnsBackend()).filter(backend -> !backend.equals("none")),
        host.killSwitch().map(found -> new KillSwitchReport(found.blocking(), found.text())),
        host.table().isPresent() ? Optional.of(host.table().getAsInt()) : Optional.empty(),
        Optional.of(host.fwmark()).filter(mark -> mark != 0),
        Optional.of(host.remarks()).filter(remarks -> !remarks.isEmpty()));
  }

  /**
   * The finding about the kill switch.
   *
   * @param blocking whether nothing leaves outside the tunnel
   * @param text in words
   */
  public record KillSwitchReport(boolean blocking, String text) {}
}
