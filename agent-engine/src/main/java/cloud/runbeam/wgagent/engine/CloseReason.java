package cloud.runbeam.wgagent.engine;

/** Why a device ended. */
public enum CloseReason {
  /** {@link WireGuardDevice#close} or {@link WireGuardEngine#close} was called. */
  CLOSED,
  /** Somebody deleted the interface. */
  LINK_DELETED,
  /** A packet thread failed for good; the cause is {@link WireGuardDevice#failure}. */
  FAILED
}
