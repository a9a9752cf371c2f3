package cloud.runbeam.wgagent.platform.linux.ffi;

import java.io.IOException;

/**
 * An eventfd: once signalled, every poll on it returns at once until it is taken back. Any thread.
 */
public final class WakeUp implements AutoCloseable {
  private static final int EFD_CLOEXEC = 0x80000;
  private static final int EFD_NONBLOCK = 0x800;

  private final NativeScratch counter = new NativeScratch(Long.BYTES);
  private final int descriptor;

  private WakeUp(int descriptor) {
    this.descriptor = descriptor;
  }

  /** A new one, not signalled. */
  public static WakeUp create() throws IOException {
    int descriptor = SystemCalls.ofThread().eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (descriptor < 0) {
      throw new IOException("eventfd: " + Errno.describe(-descriptor));
    }
    return new WakeUp(descriptor);
  }

  /** The descriptor to poll for reading. */
  public int descriptor() {
    return descriptor;
  }

  /** Signals. Not to be called after {@link #close}. */
  public synchronized void signal() {
    // Eight bytes that are not zero. EAGAIN: signalled 2^64 - 2 times already, which is as good.
    counter.putInt(0, 1);
    counter.putInt(Integer.BYTES, 0);
    SystemCalls.ofThread().write(descriptor, counter.address(0, Long.BYTES), Long.BYTES);
  }

  /** Takes all signals back. */
  public synchronized void reset() {
    SystemCalls.ofThread().read(descriptor, counter.address(0, Long.BYTES), Long.BYTES);
  }

  @Override
  public synchronized void close() {
    SystemCalls.ofThread().close(descriptor);
    counter.close();
  }
}
