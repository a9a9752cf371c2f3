package cloud.runbeam.wgagent.app.control;

import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.SocketAccess;
import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file that the control socket is bound to.
 *
 * <p>It is made in a directory that only the agent's user and root may write, so that nobody can
 * plant anything between one step and the next; then mode 0660. What stands at the path already is
 * replaced only if it is a socket on which nobody answers.
 */
public final class ControlSocketFile implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ControlSocketFile.class);

  /** Types in {@code st_mode}, POSIX sys/stat.h. */
  private static final int TYPE_BITS = 0170000;

  private static final int SOCKET_TYPE = 0140000;

  /** Passing through by others. */
  private static final int SEARCHABLE_BY_OTHERS = 0001;

  /** Writing by group and others. */
  private static final int WRITABLE_BY_OTHERS = 0022;

  private final Path path;
  private final ServerSocketChannel channel;
  private final @Nullable Object fileKey;
  private final boolean inherited;

  private ControlSocketFile(
      Path path, ServerSocketChannel channel, @Nullable Object fileKey, boolean inherited) {
    this.path = path;
    this.channel = channel;
    this.fileKey = fileKey;
    this.inherited = inherited;
  }

  /**
   * A socket that the service manager made and goes on listening on after this process; who may
   * connect is its business too.
   *
   * @throws ControlSocketException if it has no name
   */
  public static ControlSocketFile inherited(ServerSocketChannel channel)
      throws ControlSocketException {
    try {
      if (channel.getLocalAddress() instanceof UnixDomainSocketAddress address) {
        return new ControlSocketFile(address.getPath(), channel, null, true);
      }
    } catch (IOException _) {
      // Said below.
    }
    throw new ControlSocketException(
        "the socket of the service manager has no path: use ListenStream=/run/wg-agent/control.sock");
  }

  /**
   * Makes directory and socket, and listens.
   *
   * @param groups whose members may connect, besides root and this process's user
   * @throws ControlSocketException if it cannot be made, with nothing left behind
   */
  public static ControlSocketFile bind(Path path, List<String> groups, SocketAccess access)
      throws ControlSocketException {
    Path directory = Objects.requireNonNull(path.toAbsolutePath().getParent());
    boolean made = prepareDirectory(directory);
    removeStale(path);
    ServerSocketChannel channel = null;
    try {
      channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      channel.bind(UnixDomainSocketAddress.of(path), 128);
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
      ControlSocketFile socket = new ControlSocketFile(path, channel, fileKey(path), false);
      share(path, directory, made, groups, access);
      return socket;
    } catch (IOException failed) {
      closeQuietly(channel);
      throw new ControlSocketException(
          "cannot listen on control socket "
              + path
              + ": "
              + failed.getMessage()
              + ": see that "
              + directory
              + " is writable for the agent, or set control.socket in [agent]");
    }
  }

  /** A group that cannot be let in is no reason to have no socket: root still can. */
  private static void share(
      Path path, Path directory, boolean directoryIsOurs, List<String> groups, SocketAccess access)
      throws IOException {
    List<String> admitted;
    try {
      admitted = access.share(path, groups);
    } catch (PlatformException refused) {
      log.warn("{}", refused.getMessage());
      return;
    }
    if (admitted.isEmpty()) {
      return;
    }
    if (directoryIsOurs) {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    } else if (Files.readAttributes(directory, "unix:mode").get("mode") instanceof Integer mode
        && (mode & SEARCHABLE_BY_OTHERS) == 0) {
      log.warn(
          "members of {} may use {} but cannot reach it: chmod o+x {}",
          String.join(", ", admitted),
          path,
          directory);
    }
  }

  ServerSocketChannel channel() {
    return channel;
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** Whether the directory was made by this call. */
  private static boolean prepareDirectory(Path directory) throws ControlSocketException {
    try {
      if (Files.notExists(directory, LinkOption.NOFOLLOW_LINKS)) {
        Path parent = directory.getParent();
        if (parent != null) {
          Files.createDirectories(parent);
        }
        Files.createDirectory(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
        return true;
      }
      Map<String, Object> found =
          Files.readAttributes(directory, "unix:mode,uid,isDirectory", LinkOption.NOFOLLOW_LINKS);
      if (!Boolean.TRUE.equals(found.get("isDirectory"))) {
        throw new ControlSocketException(
            "the control socket's directory "
                + directory
                + " is a link or no directory: remove it, or set control.socket in [agent]");
      }
      if (found.get("mode") instanceof Integer mode && (mode & WRITABLE_BY_OTHERS) != 0) {
        throw new ControlSocketException(
            "others may write to the control socket's directory "
                + directory
                + ": chmod go-w "
                + directory
                + ", or set control.socket to a directory of the agent's own");
      }
      if (found.get("uid") instanceof Integer owner
          && owner != 0
          && owner != new UnixSystem().getUid()) {
        throw new ControlSocketException(
            "the control socket's directory "
                + directory
                + " belongs to user "
                + owner
                + ": give it to root or the agent's user, or set control.socket in [agent]");
      }
      return false;
    } catch (IOException failed) {
      throw new ControlSocketException(
          "cannot make the control socket's directory "
              + directory
              + ": "
              + failed.getMessage()
              + ": run as root, or set control.socket in [agent] to a directory you own");
    }
  }

  private static void removeStale(Path path) throws ControlSocketException {
    try {
      Map<String, Object> found =
          Files.readAttributes(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
      if (!(found.get("mode") instanceof Integer mode) || (mode & TYPE_BITS) != SOCKET_TYPE) {
        throw new ControlSocketException(
            path + " exists and is no socket: remove it, or set control.socket in [agent]");
      }
      try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
        throw new ControlSocketException(
            "another agent answers on "
                + path
                + ": stop it, or give this one a control.socket of its own in [agent]");
      } catch (ConnectException _) {
        // Nobody listens: whoever made it is gone.
        Files.delete(path);
      }
    } catch (NoSuchFileException _) {
      // Nothing in the way.
    } catch (IOException failed) {
      throw new ControlSocketException(
          "cannot tell whether an agent answers on "
              + path
              + ": "
              + failed.getMessage()
              + ": remove it if none is running");
    }
  }

  private static @Nullable Object fileKey(Path path) throws IOException {
    return Files.readAttributes(path, "unix:fileKey", LinkOption.NOFOLLOW_LINKS).get("fileKey");
  }

  /**
   * Stops listening and removes the file if it is still ours. An inherited socket stays as it is;
   * whoever waits in accept is woken by a connection.
   */
  @Override
  public void close() {
    if (inherited) {
      wake();
      return;
    }
    closeQuietly(channel);
    try {
      if (fileKey != null && fileKey.equals(fileKey(path))) {
        Files.delete(path);
      }
    } catch (IOException _) {
      // Removed by somebody else: that is what we wanted.
    }
  }

  private void wake() {
    try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      log.debug("no longer listening on {}", path);
    } catch (IOException _) {
      // Nobody can connect any more, then: nothing to be woken by.
    }
  }

  private static void closeQuietly(@Nullable ServerSocketChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException _) {
        // Closing a listening socket loses nothing.
      }
    }
  }
}
