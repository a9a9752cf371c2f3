package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.Params;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** {@code list}: which networks there are. */
public final class ListMethod implements ControlMethod {
  private final TunnelService tunnels;

  /** The method over these tunnels. */
  public ListMethod(TunnelService tunnels) {
    this.tunnels = tunnels;
  }

  @Override
  public String name() {
    return "list";
  }

  @Override
  public Role role() {
    return Role.READER;
  }

  @Override
  public Object call(ObjectNode params, Caller caller) throws RequestException {
    Params.allowOnly(params, Set.of());
    return new Networks(
        tunnels.status().stream()
            .map(status ->
                new Entry(
                    status.name(),
                    status.state().code(),
                    status.interfaceName(),
                    status.source().code(),
                    status.persistent()))
            .toList());
  }

  /**
   * The result.
   *
   * @param networks those of the file in its order, then those of the API
   */
  public record Networks(List<Entry> networks) {}

  /**
   * One network.
   *
   * @param network its name
   * @param state as in {@code status}
   * @param interfaceName the interface
   * @param source {@code file} or {@code api}
   * @param persistent whether settings of the API are kept for the next start
   */
  public record Entry(
      String network,
      String state,
      @JsonProperty("interface") String interfaceName,
      String source,
      boolean persistent) {}
}
