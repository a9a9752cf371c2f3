package cloud.runbeam.wgagent.app.control.rpc;

import tools.jackson.databind.node.ObjectNode;

/** A verb that goes on telling after its reply. */
public interface StreamingMethod extends ControlMethod {
  /**
   * Does it; what follows goes to {@code notifications} from threads of its own, and ends with the
   * connection.
   *
   * @throws RequestException to refuse
   */
  Object call(ObjectNode params, Caller caller, Notifications notifications)
      throws RequestException;

  @Override
  default Object call(ObjectNode params, Caller caller) throws RequestException {
    throw new RequestException(
        ErrorType.INVALID_REQUEST, name() + " needs a connection that stays, and JSON-RPC");
  }
}
