package cloud.runbeam.wgagent.app.control;

import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.Dispatcher;
import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One caller.
 *
 * <pre>
 *   identify -> read line -> (wait for a place) -> carry out on a thread of its own -> write reply
 *                  ^___________________________|
 * </pre>
 *
 * <p>{@link #run} reads on the connection's thread. Requests run beside each other up to the limit,
 * so that a slow one does not keep {@code status} waiting; replies are written whole, in the order
 * in which they are ready.
 */
final class ControlConnection implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(ControlConnection.class);

  private final SocketChannel channel;
  private final CallerIdentity identity;
  private final Dispatcher dispatcher;
  private final ControlLimits limits;
  private final Deadlines deadlines;
  private final Semaphore places;
  private final ReentrantLock writing = new ReentrantLock();

  ControlConnection(
      SocketChannel channel,
      CallerIdentity identity,
      Dispatcher dispatcher,
      ControlLimits limits,
      Deadlines deadlines) {
    this.channel = channel;
    this.identity = identity;
    this.dispatcher = dispatcher;
    this.limits = limits;
    this.deadlines = deadlines;
    this.places = new Semaphore(limits.maxRequestsInFlight());
  }

  /** Serves the caller until it goes, breaks a limit, or {@link #close} is called. */
  @Override
  public void run() {
    try {
      Caller caller = identity.identify(channel);
      LineReader lines = new LineReader(channel, limits.maxLineBytes());
      ByteBuffer line = firstLine(lines);
      while (line != null) {
        if (line.hasRemaining()) {
          carryOut(line, caller);
        }
        line = lines.next();
      }
      places.acquire(
          limits.maxRequestsInFlight()); // The last replies are due although no line follows.
    } catch (RequestException refused) {
      log.info("control connection refused: {}", refused.getMessage());
      reply(dispatcher.refusal(refused));
    } catch (IOException ended) {
      log.debug("control connection ended: {}", ended.toString());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      close();
    }
  }

  private @Nullable ByteBuffer firstLine(LineReader lines) throws IOException, RequestException {
    try (Deadlines.Pending _ = deadlines.after(limits.firstLineTimeout(), this::tellTooSlow)) {
      return lines.next();
    }
  }

  private void tellTooSlow() {
    reply(
        dispatcher.refusal(
            new RequestException(
                ErrorType.RATE_LIMITED,
                "nothing was asked for "
                    + limits.firstLineTimeout().toSeconds()
                    + " s; connect again when there is something to ask")));
    close();
  }

  private void carryOut(ByteBuffer line, Caller caller) throws InterruptedException {
    places.acquire();
    Thread.ofVirtual()
        .name("control-request")
        .start(() -> {
          try {
            dispatcher.dispatch(line, caller).ifPresent(this::reply);
          } finally {
            places.release();
          }
        });
  }

  /** Writes {@code line} and its end; gives the connection up when the caller does not read. */
  private void reply(byte[] line) {
    byte[] ended = Arrays.copyOf(line, line.length + 1);
    ended[line.length] = '\n';
    writing.lock();
    try (Deadlines.Pending _ = deadlines.after(limits.writeTimeout(), this::close)) {
      ByteBuffer bytes = ByteBuffer.wrap(ended);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException gone) {
      log.debug("control reply not delivered: {}", gone.toString());
      close();
    } finally {
      writing.unlock();
    }
  }

  /** Ends the connection; wakes its thread. Idempotent, any thread. */
  void close() {
    try {
      channel.close();
    } catch (IOException ignored) {
      log.debug("control connection not closed cleanly: {}", ignored.toString());
    }
  }
}
