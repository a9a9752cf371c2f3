package cloud.runbeam.wgagent.platform.linux.ffi;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file descriptor, and whatever goes with it, that several threads use and any thread may close.
 *
 * <pre>
 *   open --beginClose--> closing --last user leaves--> released
 *    ^ enter() true        enter() false                enter() false
 * </pre>
 *
 * <p>A number of a closed descriptor is given to the next file that the process opens; so it is
 * closed only when no thread is between {@link #enter} and {@link #leave}. The closer calls {@link
 * #beginClose}, wakes whoever is blocked inside, and calls {@link #finishClose}.
 */
public final class SharedDescriptor {
  private final int number;
  private final Runnable release;
  // The owner counts as one user until it closes.
  private final AtomicInteger users = new AtomicInteger(1);
  private final AtomicBoolean begun = new AtomicBoolean();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  /**
   * Takes over a descriptor.
   *
   * @param number the descriptor
   * @param release closes it and frees what goes with it; run once, by the last user
   */
  public SharedDescriptor(int number, Runnable release) {
    this.number = number;
    this.release = release;
  }

  /**
   * The descriptor; to be used between {@link #enter} and {@link #leave}, or while waking users.
   */
  public int number() {
    return number;
  }

  /** Begins a use; false when closing, then there is nothing to leave. */
  public boolean enter() {
    int inside = users.get();
    while (inside != 0 && !begun.get()) {
      // Closing may begin between the two looks; then the closer waits for us, and its wake-up,
      // which stays, meets us inside.
      if (users.compareAndSet(inside, inside + 1)) {
        return true;
      }
      inside = users.get();
    }
    return false;
  }

  /** Ends a use. */
  public void leave() {
    if (users.decrementAndGet() == 0) {
      release.run();
      released.countDown();
    }
  }

  /** Whether closing has begun. */
  public boolean isClosing() {
    return begun.get();
  }

  /** Waits, to spare a processor, for {@code milliseconds} or until closing begins; true then. */
  public boolean pause(long milliseconds) {
    return await(closing, milliseconds);
  }

  /** Refuses further users; true for the one caller that began it and goes on to close. */
  public boolean beginClose() {
    if (!begun.compareAndSet(false, true)) {
      return false;
    }
    closing.countDown();
    return true;
  }

  /**
   * Gives up the owner's part, and waits until the last user has left.
   *
   * @param patienceMs how long to wait at most; a caller that is itself a user cannot do better
   * @return whether everything is released
   */
  public boolean finishClose(long patienceMs) {
    leave();
    return await(released, patienceMs);
  }

  private static boolean await(CountDownLatch latch, long milliseconds) {
    boolean interrupted = false;
    long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
    try {
      while (true) {
        try {
          return latch.await(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interruption) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
