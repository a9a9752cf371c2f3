package cloud.runbeam.wgagent.platform.linux;

import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.NativeScratch;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import java.lang.foreign.MemorySegment;

/**
 * getrandom(2), straight into the target: native memory is filled by the kernel, and no copy is
 * made. Any thread.
 */
final class KernelEntropy implements EntropySource {
  /** Up to this many bytes the call is not cut short by a signal, once seeded. */
  private static final int CHUNK_BYTES = 256;

  @Override
  public void fill(MemorySegment target) {
    if (target.isNative()) {
      fillNative(target);
      return;
    }
    long bytes = target.byteSize();
    try (NativeScratch copy = new NativeScratch((int) Math.min(CHUNK_BYTES, bytes))) {
      for (long done = 0; done < bytes; done += CHUNK_BYTES) {
        MemorySegment chunk = copy.memory().asSlice(0, Math.min(CHUNK_BYTES, bytes - done));
        fillNative(chunk);
        MemorySegment.copy(chunk, 0, target, done, chunk.byteSize());
      }
      copy.clear();
    }
  }

  @Override
  public int nextInt() {
    return SystemCalls.ofThread().randomInt();
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
        throw SystemCalls.noRandomBytes((int) -result);
      }
    }
  }
}
