package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.Params;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.TunnelException;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** {@code connect}: brings a network up, that of the file or one given in the request. */
public final class ConnectMethod implements ControlMethod {
  private final TunnelService tunnels;
  private final RequestedConfig requested;

  /** The method over these tunnels. */
  public ConnectMethod(TunnelService tunnels, RequestedConfig requested) {
    this.tunnels = tunnels;
    this.requested = requested;
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
    Params.allowOnly(params, Set.of("network", "config", "persist"));
    String network = Params.requiredText(params, "network");
    boolean persist = Params.truth(params, "persist").orElse(false);
    Optional<NetworkConfig> config = requested.network(params, network, caller);
    if (persist && config.isEmpty()) {
      throw new RequestException(
          ErrorType.INVALID_PARAMS, "persist keeps the config of this request, and there is none");
    }
    try {
      NetworkStatus status =
          config.isPresent() ? tunnels.connect(config.get(), persist) : tunnels.connect(network);
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
