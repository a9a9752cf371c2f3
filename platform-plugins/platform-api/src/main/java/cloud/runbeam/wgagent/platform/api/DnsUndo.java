package cloud.runbeam.wgagent.platform.api;

/** How taking back a change of the name servers ended. */
public enum DnsUndo {
  /** The change was taken back. */
  REVERTED,
  /** There was nothing to take back: never applied, or gone with its interface. */
  NOTHING_LEFT,
  /** Somebody else has changed the settings since; they stay as they are now. */
  NOT_OURS
}
