package cloud.runbeam.wgagent.platform.linux.tun;

import cloud.runbeam.wgagent.engine.io.LinkObserver;
import cloud.runbeam.wgagent.engine.io.OffloadState;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.PollSet;
import cloud.runbeam.wgagent.platform.linux.ffi.SharedDescriptor;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import cloud.runbeam.wgagent.platform.linux.ffi.ThreadSlice;
import cloud.runbeam.wgagent.platform.linux.ffi.WakeUp;
import cloud.runbeam.wgagent.platform.linux.netlink.Link;
import cloud.runbeam.wgagent.platform.linux.netlink.LinkEvents;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * A TUN device. The descriptor does not block; the reader waits in {@code poll} for it and for a
 * wake-up, so that {@link #close} can end the wait.
 *
 * <pre>
 *   read:   [nothing left last time: poll(tun, wake-up)] -> read until EAGAIN or the batch is full
 *   write:  write each frame; what the host refuses is skipped
 *   close:  refuse new users -> wake the reader and the link watch -> the last user closes the
 *           descriptor, which removes the interface wherever it is
 * </pre>
 */
public final class LinuxTun implements TunDevice {
  /** How long {@link #close} waits for a reader and writer to come out of their calls. */
  private static final long CLOSE_PATIENCE_MS = 1_000;

  private final SharedDescriptor descriptor;
  private final TunOffload offload;
  private final FrameHeader frameHeader;
  private final LinkWatch watch;
  private final AtomicBoolean observed = new AtomicBoolean();

  // Reader's thread.
  private final SystemCalls readerCalls;
  private final PollSet readerPoll;
  private final WakeUp readerWakeUp;
  private boolean drained = true;
  private boolean sliceAsked;

  // Writer's thread.
  private final SystemCalls writerCalls;

  LinuxTun(
      int number,
      Link link,
      LinkEvents events,
      WakeUp readerWakeUp,
      WakeUp watchWakeUp,
      TunOffload offload,
      Supplier<SystemCalls> systemCalls) {
    readerCalls = systemCalls.get();
    writerCalls = systemCalls.get();
    this.offload = offload;
    frameHeader = offload.frameHeader();
    this.readerWakeUp = readerWakeUp;
    readerPoll = new PollSet(number, readerWakeUp.descriptor());
    descriptor = new SharedDescriptor(number, this::release);
    watch =
        new LinkWatch(
            descriptor, link, events, watchWakeUp, frameHeader.bytes(), systemCalls.get());
  }

  @Override
  public String name() {
    return watch.name();
  }

  @Override
  public int mtuBytes() {
    return watch.mtuBytes();
  }

  @Override
  public FrameHeader frameHeader() {
    return frameHeader;
  }

  @Override
  public boolean takesUdpSuperPackets() {
    return offload == TunOffload.TCP_AND_UDP;
  }

  @Override
  public List<OffloadState> offloads() {
    return List.of(offload.state());
  }

  /** What the device spares its host. */
  public TunOffload offload() {
    return offload;
  }

  @Override
  public void observe(LinkObserver observer) {
    if (!observed.compareAndSet(false, true)) {
      throw new IllegalStateException("the link has an observer already");
    }
    watch.start(observer);
  }

  @Override
  public int read(PacketBatch batch) throws IOException {
    batch.clear();
    if (!sliceAsked) {
      sliceAsked = true;
      ThreadSlice.shorten(readerCalls);
    }
    if (!descriptor.enter()) {
      return -1;
    }
    try {
      while (true) {
        if (drained && !awaitFrame()) {
          return -1;
        }
        if (!fill(batch)) {
          return -1;
        }
        if (!batch.isEmpty()) {
          return batch.size();
        }
      }
    } finally {
      descriptor.leave();
    }
  }

  /** Waits for a frame or the end of the device; false when closing. */
  private boolean awaitFrame() throws IOException {
    int result = readerPoll.await(readerCalls, -1);
    if (result < 0 && result != -Errno.EINTR) {
      throw new IOException("poll on TUN device " + name() + ": " + Errno.describe(-result));
    }
    return !descriptor.isClosing();
  }

  /** Takes frames until there are none or there is no room; false once the device is gone. */
  private boolean fill(PacketBatch batch) throws IOException {
    int number = descriptor.number();
    while (batch.hasRoom(PacketBatch.MAX_FRAME_BYTES)) {
      long address =
          SystemCalls.address(batch.memory(), batch.position(), PacketBatch.MAX_FRAME_BYTES);
      long result = readerCalls.read(number, address, PacketBatch.MAX_FRAME_BYTES);
      if (result > 0) {
        batch.append((int) result);
        continue;
      }
      switch ((int) -result) {
        case Errno.EAGAIN -> {
          drained = true;
          return true;
        }
        // An empty frame does not exist; ENOMEM passes.
        case 0, Errno.EINTR -> {}
        case Errno.ENOMEM, Errno.ENOBUFS -> descriptor.pause(1);
        // The device was deleted, or is being deleted (EFAULT: its queue is shut down).
        case Errno.EBADFD, Errno.EFAULT, Errno.ENODEV -> {
          watch.lookAgain();
          return false;
        }
        default ->
            throw new IOException(
                "read from TUN device " + name() + ": " + Errno.describe((int) -result));
      }
    }
    drained = false;
    return true;
  }

  @Override
  public int write(PacketBatch batch) throws IOException {
    if (!descriptor.enter()) {
      throw new IOException("TUN device " + name() + " is closed");
    }
    try {
      int taken = 0;
      for (int i = 0; i < batch.size(); i++) {
        if (write(batch, i)) {
          taken++;
        }
      }
      return taken;
    } finally {
      descriptor.leave();
    }
  }

  private boolean write(PacketBatch batch, int index) throws IOException {
    int bytes = batch.length(index);
    long address = SystemCalls.address(batch.memory(), batch.offset(index), bytes);
    while (true) {
      long result = writerCalls.write(descriptor.number(), address, bytes);
      if (result >= 0) {
        return true;
      }
      switch ((int) -result) {
        case Errno.EINTR -> {}
        case Errno.EBADFD, Errno.EBADF, Errno.ENODEV -> {
          watch.lookAgain();
          throw new IOException("TUN device " + name() + " was deleted");
        }
        // EIO: link down. EINVAL: not IP. EAGAIN, ENOBUFS, ENOMEM: no room. The frame is lost.
        default -> {
          return false;
        }
      }
    }
  }

  @Override
  public void close() {
    if (!descriptor.beginClose()) {
      return;
    }
    readerWakeUp.signal();
    watch.stop();
    descriptor.finishClose(CLOSE_PATIENCE_MS);
  }

  /** Run by the last user: nobody is inside any more. */
  private void release() {
    SystemCalls.ofThread().close(descriptor.number());
    readerPoll.close();
    readerWakeUp.close();
  }

  @Override
  public String toString() {
    return "TUN " + watch.name();
  }
}
