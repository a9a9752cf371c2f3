package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.Params;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** {@code ping}: shows that the agent answers. */
public final class PingMethod implements ControlMethod {
  @Override
  public String name() {
    return "ping";
  }

  @Override
  public Role role() {
    return Role.READER;
  }

  @Override
  public Object call(ObjectNode params, Caller caller) throws RequestException {
    Params.allowOnly(params, Set.of());
    return new Pong(true);
  }

  /**
   * The result.
   *
   * @param pong always true
   */
  public record Pong(boolean pong) {}
}
