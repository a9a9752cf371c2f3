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
import org.jspecify.annotations.Nullable;

/**
 * Follows the link of a TUN device: up, down, MTU, name, deletion. It owns a thread from {@link
 * #start} on, which sleeps until there is news.
 *
 * <pre>
 *              news: removed, but the descriptor lives on
 *   LISTENING ---------------------------------------------> MOVED
 *       ^                                                      |
 *       | the device's namespace can be entered:               | otherwise
 *       | subscribe there                                      v
 *       +------------------------------------------------- PROBING, once a second
 *   any: the descriptor has lost its device -> linkDeleted, end
 * </pre>
 *
 * <p>A device may be moved to another network namespace, whose news our socket does not hear. From
 * Linux 5.2 on the TUN descriptor leads to that namespace ({@code TUNGETDEVNETNS}); the thread
 * enters it for as long as it takes to open a netlink socket there, which needs CAP_SYS_ADMIN.
 * Where that fails, an empty frame is written once a second: the kernel's refusal tells whether the
 * link is up (EINVAL: no frame) or down (EIO); its MTU stays as last heard of.
 */
final class LinkWatch implements LinkEvents.Listener {
  private static final String OWN_NAMESPACE = "/proc/thread-self/ns/net";
  private static final int CLONE_NEWNET = 0x4000_0000;
  private static final int O_CLOEXEC = 0x80000;
  private static final int PROBE_INTERVAL_MS = 1_000;
  private static final int EVENTS = 1;

  private final SharedDescriptor tun;
  private final WakeUp wakeUp;
  private final SystemCalls calls;
  private final NativeScratch emptyFrame;
  private final int emptyFrameBytes;

  // Written by the watch's thread, read by any.
  private volatile String name;
  private volatile int mtuBytes;

  // Guarded by this.
  private boolean started;
  private volatile boolean stopping;

  // The watch's thread, once started.
  private final PollSet poll;
  private LinkEvents events;
  private int index;
  private boolean up;
  private boolean removed;
  private boolean deleted;
  private boolean probing;
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
    this.emptyFrameBytes = frameHeaderBytes;
    this.emptyFrame = new NativeScratch(Math.max(1, frameHeaderBytes));
    this.poll = new PollSet(wakeUp.descriptor(), events.descriptor());
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
      poll.await(calls, probing ? PROBE_INTERVAL_MS : -1);
      if (stopping) {
        break;
      }
      if (poll.isReady(0)) {
        wakeUp.reset();
        removed = true;
      }
      if (!probing) {
        fetch();
      }
      if (removed) {
        removed = false;
        settle();
      } else if (probing && !join()) {
        probe();
      }
    }
    if (deleted && !stopping) {
      listener.linkDeleted();
    }
    finish();
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
    emptyFrame.close();
  }

  private void ask() {
    try {
      events.ask(index);
    } catch (NetlinkException failure) {
      probing = true;
    }
  }

  private void fetch() {
    try {
      if (!events.fetch(index, this)) {
        ask();
      }
    } catch (NetlinkException failure) {
      probing = true;
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

  /** The link may be gone from our sight: finds out whether it was deleted or moved. */
  private void settle() {
    if (!tun.enter()) {
      return;
    }
    try {
      deleted = isGone(TunIoctl.name(calls, tun.number()).result());
    } finally {
      tun.leave();
    }
    if (!deleted && !join()) {
      probing = true;
    }
  }

  private static boolean isGone(int result) {
    return result == -Errno.EBADFD || result == -Errno.ENODEV;
  }

  /** Subscribes in the namespace where the device is now; false when that is not to be had. */
  private boolean join() {
    if (!tun.enter()) {
      return false;
    }
    int target = -1;
    int own = -1;
    try {
      target = calls.ioctl(tun.number(), TunIoctl.TUNGETDEVNETNS, 0);
      own = calls.open(NativeScratch.cString(OWN_NAMESPACE), O_CLOEXEC);
      if (target < 0 || own < 0 || calls.setns(target, CLONE_NEWNET) < 0) {
        return false;
      }
      try {
        return subscribe(TunIoctl.name(calls, tun.number()).text());
      } finally {
        calls.setns(own, CLONE_NEWNET);
      }
    } finally {
      if (target >= 0) {
        calls.close(target);
      }
      if (own >= 0) {
        calls.close(own);
      }
      tun.leave();
    }
  }

  private boolean subscribe(String deviceName) {
    LinkEvents there = null;
    try {
      there = LinkEvents.open();
      Link link = there.find(deviceName);
      there.ask(link.index());
      index = link.index();
    } catch (NetlinkException failure) {
      if (there != null) {
        there.close();
      }
      return false;
    }
    events.close();
    events = there;
    poll.set(EVENTS, there.descriptor());
    probing = false;
    return true;
  }

  /** Learns what an empty frame and the descriptor tell. */
  private void probe() {
    if (!tun.enter()) {
      return;
    }
    long result;
    TunIoctl.Name current;
    try {
      emptyFrame.clear();
      result = calls.write(tun.number(), emptyFrame.address(0, 1), emptyFrameBytes);
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
