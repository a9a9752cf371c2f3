package cloud.runbeam.wgagent.platform.linux;

import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * getrandom(2), straight into the target: native memory is filled by the kernel, and no copy is
 * made. Any thread.
 */
final class KernelEntropy implements EntropySource {
  /** Up to this many bytes the call is neither interrupted nor cut short, once seeded. */
  private static final int CHUNK_BYTES = 256;

  @Override
  public void fill(MemorySegment target) {
    if (target.isNative()) {
      fillNative(target);
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(Math.max(1, target.byteSize()));
      MemorySegment random = copy.asSlice(0, target.byteSize());
      fillNative(random);
      target.copyFrom(random);
      copy.fill((byte) 0);
    }
  }

  @Override
  public int nextInt() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment random = arena.allocate(ValueLayout.JAVA_INT);
      fillNative(random);
      int value = random.get(ValueLayout.JAVA_INT, 0);
      random.set(ValueLayout.JAVA_INT, 0, 0);
      return value;
    }
  }

  private static void fillNative(MemorySegment target) {
    SystemCalls calls = SystemCalls.ofThread();
    long done = 0;
    while (done < target.byteSize()) {
      long wanted = Math.min(CHUNK_BYTES, target.byteSize() - done);
      long result = calls.getrandom(SystemCalls.address(target, done, wanted), wanted);
      if (result > 0) {
        done += result;
      } else if (result != -Errno.EINTR) {
        // The call exists since Linux 3.17; without random bytes there is nothing to go on with.
        throw new IllegalStateException("getrandom: " + Errno.describe((int) -result));
      }
    }
  }
}
