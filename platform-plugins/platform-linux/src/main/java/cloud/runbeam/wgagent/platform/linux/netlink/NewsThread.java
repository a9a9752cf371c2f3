package cloud.runbeam.wgagent.platform.linux.netlink;

import cloud.runbeam.wgagent.platform.linux.ffi.ClockChangeTimer;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.PollSet;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import cloud.runbeam.wgagent.platform.linux.ffi.WakeUp;
import java.io.IOException;
import java.util.List;

/**
 * A thread that sleeps until the kernel has news, in the network namespace of whoever started it,
 * and hands them to a reader.
 *
 * <pre>
 *   sleep -> news -> wait {@code settleMs} for more -> read all of it -> settled -> rest {@code restMs}
 * </pre>
 *
 * <p>News that the socket could not keep (ENOBUFS) are told as lost. A socket that fails in another
 * way is replaced by a new one, once a second until that succeeds.
 */
final class NewsThread implements AutoCloseable {
  private static final int REOPEN_INTERVAL_MS = 1_000;

  // Places in the poll set.
  private static final int WAKE_UP = 0;
  private static final int CLOCK = 2;

  private final int[] groups;
  private final int settleMs;
  private final int restMs;
  private final Reader reader;
  private final WakeUp wakeUp;
  private volatile boolean stopping;

  // The thread's, once started.
  private NetlinkSocket events;

  private NewsThread(
      int[] groups, int settleMs, int restMs, Reader reader, WakeUp wakeUp, NetlinkSocket events) {
    this.groups = groups;
    this.settleMs = settleMs;
    this.restMs = restMs;
    this.reader = reader;
    this.wakeUp = wakeUp;
    this.events = events;
  }

  /**
   * Starts one, as a daemon.
   *
   * @param settleMs how long to wait for more news once there are some
   * @param restMs how long to leave news unread after some were told
   * @param groups multicast groups of rtnetlink
   */
  static NewsThread start(String name, int settleMs, int restMs, Reader reader, int... groups)
      throws IOException {
    NetlinkSocket events = NetlinkSocket.open(groups);
    NewsThread news;
    try {
      news = new NewsThread(groups, settleMs, restMs, reader, WakeUp.create(), events);
    } catch (IOException failure) {
      events.close();
      throw failure;
    }
    Thread thread = new Thread(news::run, name);
    thread.setDaemon(true);
    thread.start();
    return news;
  }

  private void run() {
    SystemCalls calls = new SystemCalls();
    try (PollSet pause = new PollSet(wakeUp.descriptor());
        ClockChangeTimer clock = new ClockChangeTimer(calls)) {
      reader.started();
      while (!stopping) {
        serve(calls, pause, clock);
      }
    } finally {
      reader.stopped();
      release();
    }
  }

  /** Serves one socket until it fails or the thread is to stop. */
  private void serve(SystemCalls calls, PollSet pause, ClockChangeTimer clock) {
    try (PollSet news = new PollSet(wakeUp.descriptor(), events.descriptor(), clock.descriptor())) {
      boolean working = true;
      while (working && !stopping) {
        news.await(calls, -1);
        if (news.isReady(WAKE_UP) || isStopped(calls, pause, settleMs)) {
          return;
        }
        if (news.isReady(CLOCK)) {
          clock.reset();
        }
        working = drain();
        reader.settled();
        if (isStopped(calls, pause, restMs)) {
          return;
        }
      }
    }
    replaceSocket(calls, pause);
  }

  private boolean isStopped(SystemCalls calls, PollSet pause, int waitMs) {
    if (waitMs > 0) {
      pause.await(calls, waitMs);
    }
    return stopping;
  }

  /** Reads all there is; false if the socket has failed. */
  private boolean drain() {
    while (true) {
      try {
        List<NetlinkMessage> messages = events.receive(false);
        if (messages.isEmpty()) {
          return true;
        }
        messages.forEach(reader::read);
      } catch (NetlinkException failure) {
        reader.lost();
        if (failure.errno() != Errno.ENOBUFS) {
          return false;
        }
      }
    }
  }

  private void replaceSocket(SystemCalls calls, PollSet pause) {
    while (!stopping) {
      try {
        NetlinkSocket next = NetlinkSocket.open(groups);
        events.close();
        events = next;
        reader.lost();
        reader.settled();
        return;
      } catch (NetlinkException refused) {
        pause.await(calls, REOPEN_INTERVAL_MS);
      }
    }
  }

  private synchronized void release() {
    stopping = true;
    events.close();
    wakeUp.close();
  }

  /** Ends the thread; it may be in a call of the reader while this returns. */
  @Override
  public synchronized void close() {
    if (!stopping) {
      stopping = true;
      wakeUp.signal();
    }
  }

  /** Reads the news; all calls are made by the thread. */
  interface Reader {
    /** Before the first news. */
    default void started() {}

    /** One message. */
    default void read(NetlinkMessage message) {}

    /** Some news did not arrive. */
    default void lost() {}

    /** All news so far were read; also after the clock was set, without any. */
    void settled();

    /** No more news will come. */
    default void stopped() {}
  }
}
