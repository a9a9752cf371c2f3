package cloud.runbeam.wgagent.platform.linux.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The call that only tests make. */
public final class NamespaceCalls {
  private static final int CLONE_NEWNET = 0x4000_0000;
  private static final MethodHandle UNSHARE = link();

  private NamespaceCalls() {}

  @SuppressWarnings("restricted") // unshare(2) moves a thread of the test, nothing else.
  private static MethodHandle link() {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("unshare"),
        FunctionDescriptor.of(JAVA_INT, JAVA_INT),
        Linker.Option.captureCallState("errno"));
  }

  /** Gives the calling thread a network namespace of its own; 0 or a negated errno. */
  public static int unshareNetwork() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = arena.allocate(LibC.CAPTURE);
      int result = (int) UNSHARE.invokeExact(errno, CLONE_NEWNET);
      return result == -1 ? -errno.get(JAVA_INT, LibC.ERRNO_OFFSET) : result;
    } catch (Throwable failure) {
      throw new AssertionError(failure);
    }
  }
}
