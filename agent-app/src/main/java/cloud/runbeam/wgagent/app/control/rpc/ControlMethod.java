package cloud.runbeam.wgagent.app.control.rpc;

import tools.jackson.databind.node.ObjectNode;

/** One verb of the control API. Called on virtual threads, several at a time. */
public interface ControlMethod {
  /** As it stands in a request. */
  String name();

  /** What a caller must be. */
  Role role();

  /** What it does; unless said otherwise, what only administrators may is a change. */
  default Effect effect() {
    return role() == Role.ADMIN ? Effect.CHANGE : Effect.READ;
  }

  /**
   * Does it.
   *
   * @param params by name; empty where the request has none
   * @return a record; its components become the members of the result in snake_case, absent ones
   *     are left out
   * @throws RequestException to refuse
   */
  Object call(ObjectNode params, Caller caller) throws RequestException;
}
