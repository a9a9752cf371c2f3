package cloud.runbeam.wgagent.platform.api;

/**
 * Tells when this machine's network changes: links, addresses, routes, rules, and that the machine
 * was suspended. Any thread.
 */
public interface NetworkMonitor {
  /** Never tells anything. */
  NetworkMonitor NONE = listener -> () -> {};

  /**
   * Starts to watch, in the network namespace of the calling thread.
   *
   * @param listener told on a thread of the monitor's own, one change at a time; several changes
   *     within some tens of milliseconds are told as one. While it is busy, changes are kept
   * @throws PlatformException when the system does not let us
   */
  Watch watch(Listener listener) throws PlatformException;

  /** Hears of changes. */
  @FunctionalInterface
  interface Listener {
    /** Something changed; must not throw, and should return soon. */
    void changed(NetworkChange change);
  }

  /** A watch that can be ended. */
  @FunctionalInterface
  interface Watch extends AutoCloseable {
    /** Ends it; the listener may be in a call while this returns. Repeating it does nothing. */
    @Override
    void close();
  }
}
