package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.Params;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.TunnelException;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import cloud.runbeam.wgagent.app.tunnel.TunnelState;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code disconnect}: takes a network down; with {@code forget}, one of the API is not known any
 * more afterwards, nor kept for the next start.
 */
public final class DisconnectMethod implements ControlMethod {
  private final TunnelService tunnels;

  /** The method over these tunnels. */
  public DisconnectMethod(TunnelService tunnels) {
    this.tunnels = tunnels;
  }

  @Override
  public String name() {
    return "disconnect";
  }

  @Override
  public Role role() {
    return Role.ADMIN;
  }

  @Override
  public Object call(ObjectNode params, Caller caller) throws RequestException {
    Params.allowOnly(params, Set.of("network", "forget"));
    String network = Params.requiredText(params, "network");
    try {
      if (Params.truth(params, "forget").orElse(false)) {
        tunnels.forget(network);
        return new Disconnected(network, TunnelState.STOPPED.code());
      }
      NetworkStatus status = tunnels.disconnect(network);
      return new Disconnected(status.name(), status.state().code());
    } catch (TunnelException refused) {
      throw TunnelRefusals.translate(refused);
    }
  }

  /**
   * The result.
   *
   * @param network its name
   * @param state as in {@code status}
   */
  public record Disconnected(String network, String state) {}
}
