package cloud.runbeam.wgagent.app.control;

import cloud.runbeam.wgagent.app.control.rpc.Dispatcher;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens on the control socket; a virtual thread accepts, one more serves each connection. */
public final class ControlServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ControlServer.class);

  /**
   * After a failed accept (no descriptor left, say), so that the thread does not spin until some
   * are free.
   */
  private static final long ACCEPT_RETRY_MS = 200;

  private final ControlSocketFile socket;
  private final CallerIdentity identity;
  private final Dispatcher dispatcher;
  private final ControlLimits limits;
  private final Deadlines deadlines;
  private final Admission admission;
  private final CountDownLatch closed = new CountDownLatch(1);

  private ControlServer(
      ControlSocketFile socket,
      CallerIdentity identity,
      Dispatcher dispatcher,
      ControlLimits limits,
      Deadlines deadlines) {
    this.socket = socket;
    this.identity = identity;
    this.dispatcher = dispatcher;
    this.limits = limits;
    this.deadlines = deadlines;
    this.admission = new Admission(limits);
  }

  /** Serves {@code socket} until {@link #close}, which closes it. */
  public static ControlServer start(
      ControlSocketFile socket,
      CallerIdentity identity,
      Dispatcher dispatcher,
      ControlLimits limits,
      Deadlines deadlines) {
    ControlServer server = new ControlServer(socket, identity, dispatcher, limits, deadlines);
    Thread.ofVirtual().name("control-accept").start(server::accept);
    return server;
  }

  /** Where the socket is. */
  public Path path() {
    return socket.path();
  }

  private void accept() {
    while (closed.getCount() > 0) {
      try {
        serve(socket.channel().accept());
      } catch (ClosedChannelException _) {
        return;
      } catch (IOException failed) {
        log.warn(
            "cannot accept a control connection: {}; trying again, raise LimitNOFILE if this stays",
            failed.getMessage());
        if (isClosedWithin(ACCEPT_RETRY_MS)) {
          return;
        }
      }
    }
  }

  private void serve(SocketChannel channel) {
    ControlConnection connection =
        new ControlConnection(channel, identity, dispatcher, limits, deadlines, admission);
    Optional<ControlConnection> leaving = admission.open(connection);
    if (leaving.isEmpty() || leaving.get() != connection) {
      Thread.ofVirtual().name("control-connection").start(connection);
    }
    // Not here: whoever has to go may be slow to be told.
    leaving.ifPresent(one -> Thread.ofVirtual().name("control-refusal").start(one::makeRoom));
    if (closed.getCount() == 0) {
      connection.close();
    }
  }

  private boolean isClosedWithin(long timeoutMs) {
    try {
      return closed.await(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Removes the socket and ends all connections. Idempotent. */
  @Override
  public void close() {
    closed.countDown();
    socket.close();
    for (ControlConnection connection : admission.all()) {
      connection.close();
    }
  }
}
