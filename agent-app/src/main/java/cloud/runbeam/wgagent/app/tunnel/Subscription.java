package cloud.runbeam.wgagent.app.tunnel;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * One listener's queue of events. Whoever publishes never waits for it: when the queue is full, the
 * oldest event makes way and is counted, so that a slow listener keeps the newest and knows how
 * many it lost. Any thread.
 */
public final class Subscription implements AutoCloseable {
  private final Set<Topic> topics;
  private final int capacity;
  private final Consumer<Subscription> onClose;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Deque<TunnelEvent> waiting = new ArrayDeque<>();
  private long missed;
  private boolean closed;

  Subscription(Set<Topic> topics, int capacity, Consumer<Subscription> onClose) {
    this.topics = Set.copyOf(topics);
    this.capacity = capacity;
    this.onClose = onClose;
  }

  /** What it listens to. */
  public Set<Topic> topics() {
    return topics;
  }

  /** The oldest event that waits. Does not wait itself. */
  public Optional<TunnelEvent> poll() {
    lock.lock();
    try {
      return Optional.ofNullable(waiting.poll());
    } finally {
      lock.unlock();
    }
  }

  /**
   * The oldest event, as soon as there is one; empty when none came in time or the subscription was
   * closed.
   */
  public Optional<TunnelEvent> take(Duration timeout) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long leftNs = timeout.toNanos();
      while (waiting.isEmpty() && !closed && leftNs > 0) {
        leftNs = arrived.awaitNanos(leftNs);
      }
      return Optional.ofNullable(waiting.poll());
    } finally {
      lock.unlock();
    }
  }

  /** How many events were lost since the last call because the queue was full. */
  public long missed() {
    lock.lock();
    try {
      long count = missed;
      missed = 0;
      return count;
    } finally {
      lock.unlock();
    }
  }

  /** Whether {@link #close} was called; what waits may still be polled. */
  public boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Ends it; wakes whoever waits in {@link #take}. Idempotent. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
    onClose.accept(this);
  }

  void offer(TunnelEvent event) {
    if (!topics.contains(event.topic())) {
      return;
    }
    lock.lock();
    try {
      if (closed) {
        return;
      }
      if (waiting.size() == capacity) {
        waiting.poll();
        missed++;
      }
      waiting.add(event);
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }
}
