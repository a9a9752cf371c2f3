package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.Params;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import cloud.runbeam.wgagent.app.health.HealthJudge;
import cloud.runbeam.wgagent.app.probe.ProbeResults;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** {@code status}: one network, or all. */
public final class StatusMethod implements ControlMethod {
  private final TunnelService tunnels;
  private final HealthJudge judge;
  private final ProbeResults probes;

  /** The method over these tunnels. */
  public StatusMethod(TunnelService tunnels, HealthJudge judge, ProbeResults probes) {
    this.tunnels = tunnels;
    this.judge = judge;
    this.probes = probes;
  }

  @Override
  public String name() {
    return "status";
  }

  @Override
  public Role role() {
    return Role.READER;
  }

  @Override
  public Object call(ObjectNode params, Caller caller) throws RequestException {
    Params.allowOnly(params, Set.of("network"));
    Optional<String> name = Params.text(params, "network");
    if (name.isEmpty()) {
      return new Networks(tunnels.status().stream().map(this::report).toList());
    }
    NetworkStatus status =
        tunnels
            .status(name.get())
            .orElseThrow(() -> new RequestException(ErrorType.NETWORK_NOT_FOUND, name.get()));
    return report(status);
  }

  private NetworkReport report(NetworkStatus status) {
    return NetworkReport.of(status, judge.judge(status), probes);
  }

  /**
   * The result for all networks.
   *
   * @param networks in the order of the file
   */
  public record Networks(List<NetworkReport> networks) {}
}
