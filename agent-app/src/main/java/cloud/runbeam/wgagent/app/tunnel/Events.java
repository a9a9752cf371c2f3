package cloud.runbeam.wgagent.app.tunnel;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What happens to the networks of this agent, for whoever listens, with the last {@value
 * #REMEMBERED} events for whoever comes late. Any thread; publishing never waits for a listener,
 * and all listeners see the same order.
 */
public final class Events {
  /** How many events {@link #recent} can look back. */
  public static final int REMEMBERED = 1_000;

  /** The most events that may wait for one listener. */
  public static final int MAX_CAPACITY = 100_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<TunnelEvent> last = new ArrayDeque<>();
  private volatile List<Subscription> subscriptions = List.of();
  private volatile Consumer<TunnelEvent> witness = _ -> {};

  /**
   * Begins to listen.
   *
   * @param topics what to; empty for everything
   * @param capacity how many events may wait, 1 to {@value #MAX_CAPACITY}
   */
  public Subscription subscribe(Set<Topic> topics, int capacity) {
    if (capacity < 1 || capacity > MAX_CAPACITY) {
      throw new IllegalArgumentException(
          "a capacity of " + capacity + " events is not in 1 to " + MAX_CAPACITY);
    }
    Subscription subscription =
        new Subscription(
            topics.isEmpty() ? Set.of(Topic.values()) : topics, capacity, this::remove);
    lock.lock();
    try {
      subscriptions = append(subscriptions, subscription);
    } finally {
      lock.unlock();
    }
    return subscription;
  }

  /** The last {@code count} events, the oldest first; fewer if there were not so many. */
  public List<TunnelEvent> recent(int count) {
    lock.lock();
    try {
      return last.stream().skip(Math.max(0, last.size() - (long) Math.max(0, count))).toList();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Lets {@code witness} see every event on the thread that publishes it, before anybody else hears
   * of it. It must not wait, and is never taken away again; there is one at most.
   */
  public void witness(Consumer<TunnelEvent> witness) {
    this.witness = witness;
  }

  /** Tells everybody who listens to its topic. */
  public void publish(TunnelEvent event) {
    witness.accept(event);
    lock.lock();
    try {
      if (last.size() == REMEMBERED) {
        last.poll();
      }
      last.add(event);
      for (Subscription subscription : subscriptions) {
        subscription.offer(event);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether somebody listens to {@code topic}. */
  public boolean isHeard(Topic topic) {
    return subscriptions.stream().anyMatch(subscription -> subscription.topics().contains(topic));
  }

  private void remove(Subscription subscription) {
    lock.lock();
    try {
      subscriptions = subscriptions.stream().filter(other -> other != subscription).toList();
    } finally {
      lock.unlock();
    }
  }

  private static List<Subscription> append(List<Subscription> list, Subscription one) {
    return Stream.concat(list.stream(), Stream.of(one)).toList();
  }
}
