package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.Params;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import cloud.runbeam.wgagent.app.tunnel.ConfirmedApply;
import cloud.runbeam.wgagent.app.tunnel.NetworkDiff;
import cloud.runbeam.wgagent.app.tunnel.TunnelException;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code confirm}: the change that waits for it stays; with {@code roll_back} it is taken back at
 * once.
 */
public final class ConfirmMethod implements ControlMethod {
  private final TunnelService tunnels;
  private final ConfirmedApply confirmed;

  /** The method over these changes. */
  public ConfirmMethod(TunnelService tunnels, ConfirmedApply confirmed) {
    this.tunnels = tunnels;
    this.confirmed = confirmed;
  }

  @Override
  public String name() {
    return "confirm";
  }

  @Override
  public Role role() {
    return Role.ADMIN;
  }

  @Override
  public Object call(ObjectNode params, Caller caller) throws RequestException {
    Params.allowOnly(params, Set.of("roll_back"));
    boolean rollBack = Params.truth(params, "roll_back").orElse(false);
    try {
      if (rollBack) {
        confirmed.rollBack();
        return new Confirmed(false, List.of());
      }
      List<NetworkDiff> diffs = confirmed.confirm();
      return new Confirmed(
          true, diffs.stream().map(diff -> ReloadReport.of(diff, tunnels)).toList());
    } catch (TunnelException refused) {
      throw TunnelRefusals.translate(refused);
    }
  }

  /**
   * The result.
   *
   * @param confirmed whether the change stays
   * @param networks what it had changed; empty where it was taken back
   */
  public record Confirmed(boolean confirmed, List<ReloadReport> networks) {}
}
