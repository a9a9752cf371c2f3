package cloud.runbeam.wgagent.engine.path;

import cloud.runbeam.wgagent.engine.counters.DropCounters;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.engine.peer.LocalIndex;
import cloud.runbeam.wgagent.engine.peer.Peer;
import cloud.runbeam.wgagent.engine.routing.AllowedIps;
import cloud.runbeam.wgagent.engine.routing.IndexTable;
import org.jspecify.annotations.Nullable;

/**
 * What the packet threads of a device read: whose a destination is, what an index stands for, and
 * through which sockets to speak. The conductor writes, each member is published whole.
 */
public final class DeviceTables {
  private final IndexTable<LocalIndex> indexes = new IndexTable<>();
  private final DropCounters drops = new DropCounters();
  private final Object transportChange = new Object();
  private volatile AllowedIps<Peer> allowedIps = AllowedIps.empty();
  private volatile @Nullable UdpTransport transport;
  private volatile boolean closed;

  /** Local session indexes. */
  public IndexTable<LocalIndex> indexes() {
    return indexes;
  }

  /** Losses that happen before a peer is known; any thread. */
  public DropCounters drops() {
    return drops;
  }

  /** Cryptokey routing as it is now. */
  public AllowedIps<Peer> allowedIps() {
    return allowedIps;
  }

  /** Publishes a new cryptokey routing table; conductor. */
  public void setAllowedIps(AllowedIps<Peer> table) {
    allowedIps = table;
  }

  /** The open sockets, or null while the device is down. */
  public @Nullable UdpTransport transport() {
    return transport;
  }

  /** Publishes other sockets, or none; conductor. The former ones are the caller's to close. */
  public void setTransport(@Nullable UdpTransport next) {
    synchronized (transportChange) {
      transport = next;
      transportChange.notifyAll();
    }
  }

  /**
   * Waits until there are sockets other than {@code spent}; inbound thread.
   *
   * @return the sockets, or null when the device has closed
   */
  @Nullable UdpTransport awaitTransport(@Nullable UdpTransport spent) {
    UdpTransport open = transport;
    if (open != null && open != spent && !closed) {
      return open;
    }
    synchronized (transportChange) {
      while (!closed && (transport == null || transport == spent)) {
        try {
          transportChange.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return null;
        }
      }
      return closed ? null : transport;
    }
  }

  /** Whether the device ends. */
  public boolean isClosed() {
    return closed;
  }

  /** Ends the device: wakes an inbound thread that waits for sockets. */
  public void close() {
    synchronized (transportChange) {
      closed = true;
      transportChange.notifyAll();
    }
  }
}
