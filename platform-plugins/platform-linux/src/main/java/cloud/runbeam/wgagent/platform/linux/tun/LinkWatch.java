package cloud.runbeam.wgagent.platform.linux.tun;

import cloud.runbeam.wgagent.engine.io.LinkObserver;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.NativeScratch;
import cloud.runbeam.wgagent.platform.linux.ffi.PollSet;
import cloud.runbeam.wgagent.platform.linux.ffi.SharedDescriptor;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import cloud.runbeam.wgagent.platform.linux.ffi.WakeUp;
import cloud.runbeam.wgagent.platform.linux.netlink.Link;
import cloud.runbeam.wgagent.platform.linux.netlink.LinkEvents;
import cloud.runbeam.wgagent.platform.linux.netlink.NetlinkException;
import cloud.runbeam.wgagent.platform.linux.netlink.NetlinkSocket;
import org.jspecify.annotations.Nullable;

/**
 * Follows the link of a TUN device: up, down, MTU, name, deletion. It owns a thread from {@link
 * #start} on, which sleeps until there is news.
 *
 * <pre>
 *   AT HOME: woken by the kernel's news
 *      |  news: removed, but the descriptor lives on
 *      v
 *   AWAY:    looks once a second, and at once when the descriptor becomes writable
 *
 *   both: the descriptor has lost its device -> linkDeleted, end
 * </pre>
 *
 * <p>A device may be moved to another network namespace, whose news our socket does not hear. From
 * Linux 5.2 on the TUN descriptor leads there ({@code TUNGETDEVNETNS}): the thread enters that
 * namespace, asks for the link and comes back, which needs CAP_SYS_ADMIN. It leaves no socket
 * behind, since that would keep the namespace, and all that is in it, alive after its owner is
 * gone.
 *
 * <p>A TUN descriptor takes data only while its link is up (tun_sock_writeable in Linux's
 * drivers/net/tun.c), and the kernel wakes who waits for that when the link comes up; so the turn
 * that packets wait for is heard at once everywhere.
 *
 * <p>Where it may not enter, it writes a torn frame, the first byte of an IPv4 header: a link that
 * is down refuses it with EIO, one that is up takes it, and the host discards it as too short. (An
 * empty frame, which others write, is refused alike by both: the driver looks at a frame's first
 * byte before it looks at the link.) The MTU stays as last heard of then.
 */
final class LinkWatch implements LinkEvents.Listener {
  private static final String OWN_NAMESPACE = "/proc/thread-self/ns/net";
  private static final int CLONE_NEWNET = 0x4000_0000;
  private static final int O_CLOEXEC = 0x80000;
  private static final int LOOK_INTERVAL_MS = 1_000;

  // Places in the poll set.
  private static final int WAKE_UP = 0;
  private static final int EVENTS = 1;
  private static final int TUN = 2;

  /** Not a descriptor yet. */
  private static final int NONE = -1;

  /** Version 4 and a header of five words (RFC 791 section 3.1). */
  private static final byte IPV4_HEADER_START = 0x45;

  private final SharedDescriptor tun;
  private final WakeUp wakeUp;
  private final SystemCalls calls;
  private final NativeScratch tornFrame;
  private final int tornFrameBytes;

  // Written by the watch's thread, read by any.
  private volatile String name;
  private volatile int mtuBytes;

  // Guarded by this.
  private boolean started;
  private volatile boolean stopping;

  // The watch's thread, once started.
  private final PollSet poll;
  private final LinkEvents events;
  private final int index;
  private boolean up;
  private boolean removed;
  private boolean deleted;
  private boolean away;
  private @Nullable LinkObserver observer;

  LinkWatch(
      SharedDescriptor tun,
      Link link,
      LinkEvents events,
      WakeUp wakeUp,
      int frameHeaderBytes,
      SystemCalls calls) {
    this.tun = tun;
    this.wakeUp = wakeUp;
    this.calls = calls;
    this.events = events;
    this.index = link.index();
    this.name = link.name();
    this.mtuBytes = link.mtuBytes();
    this.tornFrameBytes = frameHeaderBytes + 1;
    this.tornFrame = new NativeScratch(tornFrameBytes);
    tornFrame.put(frameHeaderBytes, new byte[] {IPV4_HEADER_START});
    this.poll = new PollSet(wakeUp.descriptor(), events.descriptor(), NONE);
  }

  String name() {
    return name;
  }

  int mtuBytes() {
    return mtuBytes;
  }

  /** Starts to tell {@code observer}; once. */
  synchronized void start(LinkObserver observer) {
    if (stopping || started) {
      return;
    }
    started = true;
    Thread thread = new Thread(() -> run(observer), "wg-agent-link-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  /** The reader or writer found the device gone: makes the watch see for itself. */
  synchronized void lookAgain() {
    if (!stopping) {
      wakeUp.signal();
    }
  }

  /** Ends the watch; the observer may be in a call while this returns. Once. */
  synchronized void stop() {
    stopping = true;
    if (started) {
      wakeUp.signal();
    } else {
      release();
    }
  }

  private void run(LinkObserver listener) {
    observer = listener;
    ask();
    while (!stopping && !deleted) {
      if (!away) {
        poll.await(calls, -1);
      } else {
        awaitTurn();
      }
      if (stopping) {
        break;
      }
      if (poll.isReady(WAKE_UP)) {
        wakeUp.reset();
        checkAlive();
      }
      if (!away) {
        fetch();
      }
      if (removed) {
        removed = false;
        checkAlive();
        leaveHome();
      }
      if (away && !deleted && !visit()) {
        probe();
      }
    }
    if (deleted && !stopping) {
      listener.linkDeleted();
    }
    finish();
  }

  /** Away: until it is time to look again, or a link that is down comes up. */
  private void awaitTurn() {
    if (up || !tun.enter()) {
      poll.await(calls, LOOK_INTERVAL_MS);
      return;
    }
    try {
      poll.awaitWritable(TUN, tun.number());
      poll.await(calls, LOOK_INTERVAL_MS);
    } finally {
      poll.ignore(TUN);
      tun.leave();
    }
  }

  /** The thread's end; {@link #stop} may come before or after, and must find consistent state. */
  private synchronized void finish() {
    if (stopping) {
      release();
    } else {
      started = false;
    }
  }

  private void release() {
    events.close();
    poll.close();
    wakeUp.close();
    tornFrame.close();
  }

  private void ask() {
    try {
      events.ask(index);
    } catch (NetlinkException failure) {
      leaveHome();
    }
  }

  private void fetch() {
    try {
      if (!events.fetch(index, this)) {
        ask();
      }
    } catch (NetlinkException failure) {
      leaveHome();
    }
  }

  @Override
  public void changed(Link link) {
    name = link.name();
    if (mtuBytes != link.mtuBytes()) {
      mtuBytes = link.mtuBytes();
      observer().mtuChanged(mtuBytes);
    }
    becomeUp(link.up());
  }

  private void becomeUp(boolean nowUp) {
    if (up != nowUp) {
      up = nowUp;
      if (nowUp) {
        observer().linkUp();
      } else {
        observer().linkDown();
      }
    }
  }

  @Override
  public void removed() {
    removed = true;
  }

  private LinkObserver observer() {
    if (observer == null) {
      throw new IllegalStateException("the watch is not started");
    }
    return observer;
  }

  /** Finds out whether the descriptor still has its device. */
  private void checkAlive() {
    if (!tun.enter()) {
      return;
    }
    try {
      deleted = isGone(TunIoctl.name(calls, tun.number()).result());
    } finally {
      tun.leave();
    }
  }

  /** From now on the news at home are not about our link. */
  private void leaveHome() {
    away = true;
    poll.ignore(EVENTS);
  }

  private static boolean isGone(int result) {
    return result == -Errno.EBADFD || result == -Errno.ENODEV;
  }

  /** Asks for the link in the namespace where the device is now; false when that is not allowed. */
  private boolean visit() {
    if (!tun.enter()) {
      return true;
    }
    int there = -1;
    int home = -1;
    Link link;
    try {
      there = calls.ioctl(tun.number(), TunIoctl.TUNGETDEVNETNS, 0);
      home = calls.open(NativeScratch.cString(OWN_NAMESPACE), O_CLOEXEC);
      if (there < 0 || home < 0 || calls.setns(there, CLONE_NEWNET) < 0) {
        return false;
      }
      try (NetlinkSocket socket = NetlinkSocket.open()) {
        link = Link.byName(socket, TunIoctl.name(calls, tun.number()).text());
      } catch (NetlinkException movedOn) {
        return false;
      } finally {
        calls.setns(home, CLONE_NEWNET);
      }
    } finally {
      closeIfOpen(there);
      closeIfOpen(home);
      tun.leave();
    }
    changed(link);
    return true;
  }

  private void closeIfOpen(int descriptor) {
    if (descriptor >= 0) {
      calls.close(descriptor);
    }
  }

  /** Learns what a torn frame and the descriptor tell. */
  private void probe() {
    if (!tun.enter()) {
      return;
    }
    long result;
    TunIoctl.Name current;
    try {
      result = calls.write(tun.number(), tornFrame.address(0, tornFrameBytes), tornFrameBytes);
      current = TunIoctl.name(calls, tun.number());
    } finally {
      tun.leave();
    }
    deleted = isGone(current.result());
    if (!deleted) {
      if (current.result() == 0) {
        name = current.text();
      }
      becomeUp(result != -Errno.EIO);
    }
  }
}
