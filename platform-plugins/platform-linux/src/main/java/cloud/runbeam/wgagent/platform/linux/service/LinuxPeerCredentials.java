package cloud.runbeam.wgagent.platform.linux.service;

import cloud.runbeam.wgagent.platform.api.PeerCredentials;
import cloud.runbeam.wgagent.platform.linux.ffi.NativeScratch;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code SO_PEERCRED} of a channel's descriptor. The JDK gives user and group names only, and keeps
 * the descriptor to itself: it is asked for it by a method that {@code --add-opens
 * java.base/sun.nio.ch} opens, and without that option the process stays unknown.
 */
public final class LinuxPeerCredentials implements PeerCredentials {
  /** asm-generic/socket.h. */
  private static final int SOL_SOCKET = 1;

  private static final int SO_PEERCRED = 17;

  /**
   * {@code struct ucred} of sys/socket.h.
   *
   * <pre>
   *   0        4        8        12
   *   | pid    | uid    | gid    |
   * </pre>
   */
  private static final int PID = 0;

  private static final int UID = PID + Integer.BYTES;
  private static final int GID = UID + Integer.BYTES;
  private static final int UCRED_BYTES = GID + Integer.BYTES;

  private static final @Nullable MethodHandle DESCRIPTOR = descriptor();

  @Override
  public Optional<PeerProcess> of(SocketChannel connection) {
    if (DESCRIPTOR == null) {
      return Optional.empty();
    }
    try (NativeScratch scratch = new NativeScratch(UCRED_BYTES + Integer.BYTES)) {
      int descriptor = descriptorOf(DESCRIPTOR, connection);
      long length = scratch.putInt(UCRED_BYTES, UCRED_BYTES);
      int refused =
          new SystemCalls()
              .getsockopt(
                  descriptor, SOL_SOCKET, SO_PEERCRED, scratch.address(0, UCRED_BYTES), length);
      if (refused < 0 || scratch.getInt(UCRED_BYTES) != UCRED_BYTES) {
        return Optional.empty();
      }
      long pid = Integer.toUnsignedLong(scratch.getInt(PID));
      return Optional.of(
          new PeerProcess(
              Integer.toUnsignedLong(scratch.getInt(UID)),
              Integer.toUnsignedLong(scratch.getInt(GID)),
              pid,
              executable(pid)));
    }
  }

  private static Optional<String> executable(long pid) {
    try {
      return Optional.of(Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "exe")))
          .map(Path::toString);
    } catch (IOException _) {
      return Optional.empty(); // Gone already, or not ours to see.
    }
  }

  private static int descriptorOf(MethodHandle handle, SocketChannel connection) {
    try {
      return (int) handle.invoke(connection);
    } catch (Throwable impossible) {
      throw new IllegalStateException("a channel without a descriptor", impossible);
    }
  }

  private static @Nullable MethodHandle descriptor() {
    try {
      Class<?> channel = Class.forName("sun.nio.ch.SocketChannelImpl");
      return MethodHandles.privateLookupIn(channel, MethodHandles.lookup())
          .findVirtual(channel, "getFDVal", MethodType.methodType(int.class));
    } catch (ReflectiveOperationException _) {
      return null; // Not opened to us, or another JDK.
    }
  }
}
