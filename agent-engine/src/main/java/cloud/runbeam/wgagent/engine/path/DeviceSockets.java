package cloud.runbeam.wgagent.engine.path;

import cloud.runbeam.wgagent.engine.io.UdpTransport;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The UDP sockets of one device: closed while its link is down, open while it is up. Changed by the
 * conductor; what they look like may be read by any thread.
 */
final class DeviceSockets {
  private final UdpTransport.Provider udp;
  private final DeviceTables tables;

  // Written by the conductor, read by snapshots.
  private volatile @Nullable String problem;
  private volatile int listenPort;
  private volatile int fwmark;

  DeviceSockets(UdpTransport.Provider udp, DeviceTables tables) {
    this.udp = udp;
    this.tables = tables;
  }

  /** The bound port, or the one that will be asked for, 0 for any. Any thread. */
  int listenPort() {
    UdpTransport open = tables.transport();
    return open == null ? listenPort : open.localPort();
  }

  /** The mark on outer packets. Any thread. */
  int fwmark() {
    return fwmark;
  }

  /** Any thread. */
  boolean isOpen() {
    return tables.transport() != null;
  }

  /** Why they could not be opened. Any thread. */
  Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /** Opens them; a refusal is kept as {@link #problem}. */
  boolean open() {
    try {
      tables.setTransport(udp.open(listenPort, fwmark));
      problem = null;
      return true;
    } catch (IOException e) {
      problem = "cannot open UDP port " + listenPort + ": " + e.getMessage() + "; set another port";
      return false;
    }
  }

  void close() {
    UdpTransport before = tables.transport();
    tables.setTransport(null);
    if (before != null) {
      before.close();
    }
  }

  /**
   * Changes port and mark. New sockets are opened before the old ones are closed.
   *
   * @param linkUp whether they are to be open
   * @return whether the port moved
   * @throws IOException if port or mark cannot be had; nothing has changed then
   */
  boolean rebind(int port, int mark, boolean linkUp) throws IOException {
    UdpTransport before = tables.transport();
    boolean moved = false;
    if (before != null && port != listenPort && port != before.localPort()) {
      UdpTransport next = udp.open(port, mark);
      tables.setTransport(next);
      before.close();
      moved = true;
    } else if (before != null && mark != fwmark) {
      before.setFwmark(mark);
    } else if (before == null && linkUp) {
      tables.setTransport(udp.open(port, mark));
      problem = null;
    }
    listenPort = port;
    fwmark = mark;
    return moved;
  }
}
