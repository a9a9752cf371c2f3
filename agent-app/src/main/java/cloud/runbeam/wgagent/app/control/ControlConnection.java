package cloud.runbeam.wgagent.app.control;

import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.Dispatcher;
import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.Notifications;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

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
 * in which they are ready. A caller that does not read is given up, and until then its requests
 * wait.
 */
final class ControlConnection implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(ControlConnection.class);

  private final SocketChannel channel;
  private final CallerIdentity identity;
  private final Dispatcher dispatcher;
  private final ControlLimits limits;
  private final Deadlines deadlines;
  private final Admission admission;
  private final Semaphore places;
  private final ReentrantLock writing = new ReentrantLock();

  /** Of the user, once that is known; of nobody else until then. */
  private volatile UserShare share;

  /** What is to be done at the end; null once that has come. Guarded by this. */
  private @Nullable List<Runnable> endings = new ArrayList<>();

  ControlConnection(
      SocketChannel channel,
      CallerIdentity identity,
      Dispatcher dispatcher,
      ControlLimits limits,
      Deadlines deadlines,
      Admission admission) {
    this.channel = channel;
    this.identity = identity;
    this.dispatcher = dispatcher;
    this.limits = limits;
    this.deadlines = deadlines;
    this.admission = admission;
    this.places = new Semaphore(limits.maxRequestsInFlight());
    this.share = new UserShare(limits.maxUnreadBytes());
  }

  /** Serves the caller until it goes, breaks a limit, or {@link #close} is called. */
  @Override
  public void run() {
    try {
      Caller caller = identity.identify(channel);
      admission.identified(this, caller).ifPresent(ControlConnection::makeRoom);
      share = admission.share(caller.user());
      LineReader lines = new LineReader(channel, limits.maxLineBytes(), this::restOfLine);
      ByteBuffer line = firstLine(lines);
      admission.spoke(this);
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
      admission.closed(this);
    }
  }

  private @Nullable ByteBuffer firstLine(LineReader lines) throws IOException, RequestException {
    try (Deadlines.Pending _ =
        deadlines.after(
            limits.firstLineTimeout(),
            () ->
                refuse(
                    "nothing was asked for "
                        + limits.firstLineTimeout().toSeconds()
                        + " s; connect again when there is something to ask"))) {
      return lines.next();
    }
  }

  private Deadlines.Pending restOfLine() {
    return deadlines.after(
        limits.firstLineTimeout(),
        () ->
            refuse(
                "the end of the line did not come for "
                    + limits.firstLineTimeout().toSeconds()
                    + " s; send a line at once"));
  }

  /** Tells that the connection ends because somebody else needs its place. Any thread. */
  void makeRoom() {
    refuse("there are too many connections, and this one had not asked for anything; try later");
  }

  private void refuse(String reason) {
    reply(dispatcher.refusal(new RequestException(ErrorType.RATE_LIMITED, reason)));
    close();
  }

  private void carryOut(ByteBuffer line, Caller caller) throws InterruptedException {
    places.acquire();
    Thread.ofVirtual()
        .name("control-request")
        .start(() -> {
          try {
            share.awaitRoom();
            Request request = new Request();
            dispatcher.dispatch(line, caller, request).ifPresent(this::reply);
            request.replied();
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          } finally {
            places.release();
          }
        });
  }

  private void reply(byte[] line) {
    try {
      write(line);
    } catch (IOException gone) {
      log.debug("control reply not delivered: {}", gone.toString());
    }
  }

  /** Writes {@code line} and its end; gives the connection up when the caller does not read. */
  private void write(byte[] line) throws IOException {
    byte[] ended = Arrays.copyOf(line, line.length + 1);
    ended[line.length] = '\n';
    UserShare counted = share;
    counted.unread(ended.length);
    writing.lock();
    try (Deadlines.Pending _ = deadlines.after(limits.writeTimeout(), this::close)) {
      ByteBuffer bytes = ByteBuffer.wrap(ended);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (ClosedChannelException gone) {
      throw gone;
    } catch (IOException gone) {
      close();
      throw gone;
    } finally {
      writing.unlock();
      counted.unread(-ended.length);
    }
  }

  /** Ends the connection; wakes its thread. Idempotent, any thread. */
  void close() {
    try {
      channel.close();
    } catch (IOException ignored) {
      log.debug("control connection not closed cleanly: {}", ignored.toString());
    }
    List<Runnable> due;
    synchronized (this) {
      due = endings == null ? List.of() : endings;
      endings = null;
    }
    due.forEach(Runnable::run);
  }

  /** What one request may tell later. */
  private final class Request implements Notifications {
    private final List<Runnable> later = new ArrayList<>();

    private void replied() {
      later.forEach(Runnable::run);
    }

    @Override
    public void send(String method, JsonNode params) throws IOException {
      write(dispatcher.notification(method, params));
    }

    @Override
    public void afterReply(Runnable begin) {
      later.add(begin);
    }

    @Override
    public Object connection() {
      return ControlConnection.this;
    }

    @Override
    public boolean isOpen() {
      return channel.isOpen();
    }

    @Override
    public void whenClosed(Runnable ended) {
      synchronized (ControlConnection.this) {
        if (endings != null) {
          endings.add(ended);
          return;
        }
      }
      ended.run();
    }
  }
}
