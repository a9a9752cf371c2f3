package cloud.runbeam.wgagent.app.control.rpc;

/** What a request does to the agent: the two are limited apart, and only changes are audited. */
public enum Effect {
  /** It looks. */
  READ,
  /** It changes something. */
  CHANGE
}
