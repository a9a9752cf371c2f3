package cloud.runbeam.wgagent.app.control;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What all connections of one user have together. Any thread. */
final class UserShare {
  private final long maxUnreadBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private long unreadBytes;

  UserShare(long maxUnreadBytes) {
    this.maxUnreadBytes = maxUnreadBytes;
  }

  /** Waits until the user has read enough of what it was told. */
  void awaitRoom() throws InterruptedException {
    lock.lock();
    try {
      while (unreadBytes > maxUnreadBytes) {
        room.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Counts bytes that were written ({@code negative}) or wait to be. */
  void unread(long bytes) {
    lock.lock();
    try {
      unreadBytes += bytes;
      if (bytes < 0) {
        room.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }
}
