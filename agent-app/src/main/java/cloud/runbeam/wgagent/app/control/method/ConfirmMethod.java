package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.Params;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import cloud.runbeam.wgagent.app.tunnel.ConfirmedApply;
import cloud.runbeam.wgagent.app.tunnel.NetworkDiff;
import cloud.runbeam.wgagent.app.tunnel.TunnelException;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code confirm}: the change that waits for it stays; with {@code keep} false it is taken back at
 * once.
 */
public final class ConfirmMethod implements ControlMethod {
  private final ConfirmedApply confirmed;

  /** The method over changes to be confirmed. */
  public ConfirmMethod(ConfirmedApply confirmed) {
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
    Params.allowOnly(params, Set.of("keep"));
    boolean keep = Params.truth(params, "keep").orElse(true);
    try {
      List<NetworkDiff> diffs = keep ? confirmed.confirm() : confirmed.rollBack();
      return new Confirmed(
          keep,
          diffs.stream().filter(diff -> !diff.isNothing()).map(NetworkDiff::network).toList());
    } catch (TunnelException refused) {
      throw TunnelRefusals.translate(refused);
    }
  }

  /**
   * The result.
   *
   * @param kept whether the change stays
   * @param networks those that it concerns
   */
  public record Confirmed(boolean kept, List<String> networks) {}
}
