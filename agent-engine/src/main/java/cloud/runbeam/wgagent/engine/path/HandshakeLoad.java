package cloud.runbeam.wgagent.engine.path;

/**
 * Whether more handshake messages arrive than the conductor keeps up with, measured by how long
 * they waited for it (paper, section 5.3: "under load"). Once it is so, it stays so for a second,
 * that cookies have time to do their work. Conductor only.
 */
final class HandshakeLoad {
  /**
   * A handshake costs the conductor about a third of a millisecond; one that waited as long as
   * sixty of them take stands behind more than honest peers send at once.
   */
  private static final long OVERLOAD_WAIT_NS = 20_000_000;

  /** As the kernel's: under load until a second after the last sign of it. */
  private static final long OVERLOAD_HOLD_NS = 1_000_000_000;

  private boolean everOverloaded;
  private long overloadedNs;

  /** Notes how long a message waited and says whether the device is under load. */
  boolean observe(long receivedNs, long nowNs) {
    if (nowNs - receivedNs >= OVERLOAD_WAIT_NS) {
      everOverloaded = true;
      overloadedNs = nowNs;
    }
    return everOverloaded && nowNs - overloadedNs < OVERLOAD_HOLD_NS;
  }
}
