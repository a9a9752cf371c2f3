package cloud.runbeam.wgagent.platform.linux.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Objects;

/**
 * Calls into the C library. A result below zero is the negated {@code errno}, as the kernel itself
 * returns it; see {@link Errno}. No call allocates.
 *
 * <p>An object holds the memory in which a call leaves its errno, so it belongs to one thread at a
 * time: packet threads own one each, everybody else takes {@link #ofThread}.
 *
 * <p>Memory is passed by address: take it from {@link #address}, which checks the bounds. The
 * caller keeps the memory alive during the call; for the packet path, whose message headers hold
 * addresses anyhow, a liveness check per argument would prove nothing.
 *
 * <p>Not final, so that tests can put a refusal in place of a call.
 */
public class SystemCalls {
  /** The clock that counts suspend (linux/time.h). */
  public static final int CLOCK_BOOTTIME = 7;

  private static final LibC LIBC = LibC.link();
  private static final ThreadLocal<SystemCalls> OF_THREAD =
      ThreadLocal.withInitial(SystemCalls::new);

  /** For probes only, so it has no handle of its own. */
  private static final long CONNECT = System.getProperty("os.arch").equals("amd64") ? 42 : 203;

  private static final long NS_PER_SECOND = 1_000_000_000L;

  /** A struct timespec, or a random int. */
  private static final int SCRATCH_BYTES = 16;

  // An automatic arena: its segments are passed to calls without counting users.
  private final MemorySegment capture = Arena.ofAuto().allocate(LibC.CAPTURE);
  private final MemorySegment scratch = Arena.ofAuto().allocate(SCRATCH_BYTES, Long.BYTES);

  /** Calls for one owner. */
  public SystemCalls() {}

  /** The current thread's own, for whoever has none. */
  public static SystemCalls ofThread() {
    return OF_THREAD.get();
  }

  /** Names of the functions that the C library lacks; calling one throws {@link LinkageError}. */
  public static List<String> missing() {
    return LIBC.missing();
  }

  /**
   * The address of {@code bytes} bytes at {@code offset} of native {@code memory}.
   *
   * @throws IndexOutOfBoundsException if they are not all inside
   */
  public static long address(MemorySegment memory, long offset, long bytes) {
    Objects.checkFromIndexSize(offset, bytes, memory.byteSize());
    return memory.address() + offset;
  }

  // Descriptors.

  /** {@code open(path, flags)}; {@code path} ends in a zero byte. */
  public int open(MemorySegment path, int flags) {
    try {
      return (int) three(LIBC.open(), path.address(), flags, 0);
    } finally {
      // The path may be memory that is freed once nobody refers to it.
      Reference.reachabilityFence(path);
    }
  }

  /** {@code ioctl(descriptor, request, argument)}. */
  public int ioctl(int descriptor, long request, long argument) {
    return (int) three(LIBC.ioctl(), descriptor, request, argument);
  }

  /** {@code close(descriptor)}; never to be repeated, whatever it returns. */
  public int close(int descriptor) {
    return (int) three(LIBC.close(), descriptor, 0, 0);
  }

  /** {@code read}: the bytes read. */
  public long read(int descriptor, long address, long bytes) {
    return three(LIBC.read(), descriptor, address, bytes);
  }

  /** {@code write}: the bytes written. */
  public long write(int descriptor, long address, long bytes) {
    return three(LIBC.write(), descriptor, address, bytes);
  }

  /** {@code poll}: the number of descriptors with events; {@code timeoutMs} -1 waits for ever. */
  public int poll(long pollfds, int count, int timeoutMs) {
    return (int) three(LIBC.poll(), pollfds, count, timeoutMs);
  }

  /** {@code eventfd(initial, flags)}. */
  public int eventfd(int initial, int flags) {
    return (int) three(LIBC.eventfd(), initial, flags, 0);
  }

  /** {@code setns}: moves the calling thread, and no other, into a namespace. */
  public int setns(int descriptor, int type) {
    return (int) three(LIBC.setns(), descriptor, type, 0);
  }

  // Sockets.

  /** {@code socket(family, type, protocol)}. */
  public int socket(int family, int type, int protocol) {
    return (int) three(LIBC.socket(), family, type, protocol);
  }

  /** {@code bind(descriptor, address, length)}. */
  public int bind(int descriptor, long address, int length) {
    return (int) three(LIBC.bind(), descriptor, address, length);
  }

  /** {@code connect(descriptor, address, length)}. */
  public int connect(int descriptor, long address, int length) {
    return (int) syscall(CONNECT, descriptor, address, length);
  }

  /** {@code getsockname(descriptor, address, length)}; {@code length} points to an int. */
  public int getsockname(int descriptor, long address, long length) {
    return (int) three(LIBC.getsockname(), descriptor, address, length);
  }

  /** {@code shutdown(descriptor, how)}. */
  public int shutdown(int descriptor, int how) {
    return (int) three(LIBC.shutdown(), descriptor, how, 0);
  }

  /** {@code setsockopt}. */
  public int setsockopt(int descriptor, int level, int name, long value, int length) {
    return (int) five(LIBC.setsockopt(), descriptor, level, name, value, length);
  }

  /** {@code getsockopt}; {@code length} points to an int. */
  public int getsockopt(int descriptor, int level, int name, long value, long length) {
    return (int) five(LIBC.getsockopt(), descriptor, level, name, value, length);
  }

  /** {@code recv}: the bytes received. */
  public long recv(int descriptor, long address, long bytes, int flags) {
    return five(LIBC.recv(), descriptor, address, bytes, flags, 0);
  }

  /** {@code recvmmsg} without a timeout: the number of messages received. */
  public int recvmmsg(int descriptor, long messages, int count, int flags) {
    return (int) five(LIBC.recvmmsg(), descriptor, messages, count, flags, 0);
  }

  /** {@code sendmmsg}: the number of messages sent; an error of a later message is not told. */
  public int sendmmsg(int descriptor, long messages, int count, int flags) {
    return (int) five(LIBC.sendmmsg(), descriptor, messages, count, flags, 0);
  }

  // Memory, entropy, time.

  /** {@code mlock}: keeps pages in RAM. */
  public int mlock(long address, long bytes) {
    return (int) three(LIBC.mlock(), address, bytes, 0);
  }

  /** {@code munlock}. */
  public int munlock(long address, long bytes) {
    return (int) three(LIBC.munlock(), address, bytes, 0);
  }

  /** {@code madvise}; {@code address} is the start of a page. */
  public int madvise(long address, long bytes, int advice) {
    return (int) three(LIBC.madvise(), address, bytes, advice);
  }

  /**
   * {@code syscall} for what the C library has no function for; {@code number} is the processor's.
   */
  long syscall(long number, long firstArgument, long secondArgument, long thirdArgument) {
    return five(LIBC.syscall(), number, firstArgument, secondArgument, thirdArgument, 0);
  }

  /** {@code prctl} with one argument and zeros behind it. */
  long prctl(int option, long argument) {
    return five(LIBC.prctl(), option, argument, 0, 0, 0);
  }

  /** {@code getrandom} from the source that blocks until it is seeded: the bytes filled. */
  public long getrandom(long address, long bytes) {
    return three(LIBC.getrandom(), address, bytes, 0);
  }

  /** Four random bytes as an int. */
  public int randomInt() {
    long result;
    do {
      result = getrandom(scratch.address(), Integer.BYTES);
    } while (result == -Errno.EINTR);
    if (result != Integer.BYTES) {
      throw noRandomBytes((int) -result);
    }
    int value = scratch.get(JAVA_INT, 0);
    scratch.set(JAVA_INT, 0, 0);
    return value;
  }

  /**
   * What to throw when getrandom fails: it exists since Linux 3.17, and without random bytes there
   * is nothing to go on with.
   */
  public static IllegalStateException noRandomBytes(int errno) {
    return new IllegalStateException("getrandom: " + Errno.describe(errno));
  }

  /** Nanoseconds on {@link #CLOCK_BOOTTIME}. */
  public long bootTimeNs() {
    try {
      int result = (int) LIBC.clockGettime().invokeExact(CLOCK_BOOTTIME, scratch.address());
      if (result != 0) {
        throw new AssertionError("clock_gettime(CLOCK_BOOTTIME) failed on a kernel after 2.6.39");
      }
    } catch (Throwable failure) {
      throw unexpected(failure);
    }
    return scratch.get(JAVA_LONG, 0) * NS_PER_SECOND + scratch.get(JAVA_LONG, 8);
  }

  private long three(MethodHandle function, long first, long second, long third) {
    try {
      return outcome((long) function.invokeExact(capture, first, second, third));
    } catch (Throwable failure) {
      throw unexpected(failure);
    }
  }

  private long five(
      MethodHandle function, long first, long second, long third, long fourth, long fifth) {
    try {
      return outcome((long) function.invokeExact(capture, first, second, third, fourth, fifth));
    } catch (Throwable failure) {
      throw unexpected(failure);
    }
  }

  /**
   * The result, or the negated errno. A function that returns {@code int} leaves the upper half of
   * its register undefined, hence the test of the lower half; no function here succeeds with a
   * length whose lower half is all ones.
   */
  private long outcome(long result) {
    return (int) result == -1 ? -capture.get(JAVA_INT, LibC.ERRNO_OFFSET) : result;
  }

  /** A downcall throws only what the Java side of it throws: a missing function, a broken VM. */
  private static Error unexpected(Throwable failure) {
    return failure instanceof Error error ? error : new AssertionError(failure);
  }
}
