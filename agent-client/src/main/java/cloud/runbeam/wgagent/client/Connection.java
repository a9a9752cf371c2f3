package cloud.runbeam.wgagent.client;

import cloud.runbeam.wgagent.client.ControlException.Kind;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import cloud.runbeam.wgagent.client.LineChannel.TooLateException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection over which many calls are under way. A thread of its own reads answers and hands
 * each to the call that waits for it.
 */
final class Connection implements AutoCloseable {
  private final Path socket;
  private final LineChannel lines;
  private final Map<Long, PendingCall> waiting = new ConcurrentHashMap<>();
  private final AtomicLong nextId = new AtomicLong(1);
  private final ReentrantLock sending = new ReentrantLock();

  /** Why this connection ended; set once, before the calls that wait are told. */
  private volatile @Nullable ControlException end;

  private final CountDownLatch ended = new CountDownLatch(1);

  private Connection(Path socket, LineChannel lines) {
    this.socket = socket;
    this.lines = lines;
  }

  static Connection open(ConnectOptions options, BooleanSupplier abandoned)
      throws ControlException {
    Connection connection = new Connection(options.socket(), Reconnection.open(options, abandoned));
    // A platform thread: starting the scheduler of virtual ones would cost a one-shot command more.
    Thread.ofPlatform().daemon().name("wg-agent-client").start(connection::read);
    return connection;
  }

  boolean isOpen() {
    return end == null && lines.isOpen();
  }

  PendingCall send(String method, Map<String, JsonValue> params, Duration timeout)
      throws ControlException {
    long deadlineNs = System.nanoTime() + timeout.toNanos();
    long id = nextId.getAndIncrement();
    PendingCall call = new PendingCall(method, timeout, deadlineNs, () -> waiting.remove(id));
    waiting.put(id, call);
    try {
      if (!sending.tryLock(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new TooLateException();
      }
      try {
        lines.send(Messages.request(id, method, params), deadlineNs);
      } finally {
        sending.unlock();
      }
    } catch (IOException broken) {
      // The agent may have said why before it closed: the reading thread knows then.
      awaitEnd(deadlineNs, broken);
    } catch (TooLateException _) {
      waiting.remove(id);
      close(); // A line may have been cut.
      throw new ControlException(
          Kind.TIMED_OUT,
          "the agent at " + socket + " takes no requests: see its log, or restart it");
    } catch (InterruptedException _) {
      waiting.remove(id);
      Thread.currentThread().interrupt();
      throw new ControlException(Kind.INTERRUPTED, "interrupted before " + method + " was sent");
    }
    return call;
  }

  private void awaitEnd(long deadlineNs, IOException broken) {
    while (end == null && System.nanoTime() - deadlineNs < 0) {
      Thread.onSpinWait();
    }
    if (end == null) {
      end(Messages.disconnected(socket, broken));
    }
  }

  private void read() {
    try {
      while (true) {
        JsonObject reply = Messages.parse(lines.receive(LineChannel.NEVER));
        Optional<JsonObject> error = reply.object("error");
        Optional<Long> id = reply.integer("id");
        if (id.isPresent()) {
          settle(id.get(), reply, error);
        } else if (error.isPresent()) {
          // The agent's word on the connection itself: not allowed, too many, too large.
          end(ControlException.refused(error.get()));
        }
      }
    } catch (IOException closed) {
      end(Messages.disconnected(socket, closed));
    } catch (ControlException broken) {
      end(broken);
    } catch (TooLateException _) {
      end(new ControlException(Kind.DISCONNECTED, "the reading thread was interrupted"));
    }
  }

  private void settle(long id, JsonObject reply, Optional<JsonObject> error) {
    PendingCall call = waiting.remove(id);
    if (call == null) {
      return; // It gave up before.
    }
    if (error.isPresent()) {
      call.fail(ControlException.refused(error.get()));
    } else {
      call.succeed(reply.get("result").orElseGet(JsonValue.JsonNull::new));
    }
  }

  private synchronized void end(ControlException reason) {
    if (end == null) {
      end = reason;
    }
    ended.countDown();
    lines.close();
    for (Long id : List.copyOf(waiting.keySet())) {
      PendingCall call = waiting.remove(id);
      if (call != null) {
        call.fail(end);
      }
    }
  }

  /** Ends the connection; calls that wait fail. Idempotent. */
  @Override
  public void close() {
    end(new ControlException(Kind.DISCONNECTED, "the connection was closed on this side"));
  }
}
