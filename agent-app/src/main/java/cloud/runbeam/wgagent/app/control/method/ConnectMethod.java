package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.Params;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.TunnelException;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** {@code connect}: brings a network of the configuration file up. */
public final class ConnectMethod implements ControlMethod {
  private final TunnelService tunnels;

  /** The method over these tunnels. */
  public ConnectMethod(TunnelService tunnels) {
    this.tunnels = tunnels;
  }

  @Override
  public String name() {
    return "connect";
  }

  @Override
  public Role role() {
    return Role.ADMIN;
  }

  @Override
  public Object call(ObjectNode params, Caller caller) throws RequestException {
    Params.allowOnly(params, Set.of("network"));
    try {
      NetworkStatus status = tunnels.connect(Params.requiredText(params, "network"));
      return new Connected(
          status.name(),
          status.state().code(),
          status.interfaceName(),
          status.config().peers().size());
    } catch (TunnelException refused) {
      throw TunnelRefusals.translate(refused);
    }
  }

  /**
   * The result.
   *
   * @param network its name
   * @param state as in {@code status}
   * @param interfaceName the interface
   * @param peers how many
   */
  public record Connected(
      String network, String state, @JsonProperty("interface") String interfaceName, int peers) {}
}
