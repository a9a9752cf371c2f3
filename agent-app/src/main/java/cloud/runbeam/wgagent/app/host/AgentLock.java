package cloud.runbeam.wgagent.app.host;

import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Held by the one agent that uses a state directory: a lock of the system on {@code
 * STATE_DIR/agent.lock}, which ends with the process however that ends. The file holds the number
 * of the process.
 */
public final class AgentLock implements AutoCloseable {
  private static final int MAX_PID_BYTES = 20;

  private final FileChannel channel;

  private AgentLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock. The directory is made, for its owner only, if it is missing.
   *
   * @throws PlatformException if another agent holds it, naming the process, or if the directory
   *     cannot be written
   */
  public static AgentLock acquire(Path stateDir) throws PlatformException {
    Path file = stateDir.resolve("agent.lock");
    try {
      makeDirectory(stateDir);
      FileChannel channel =
          FileChannel.open(
              file,
              Set.of(
                  StandardOpenOption.CREATE,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE,
                  LinkOption.NOFOLLOW_LINKS),
              attributes(stateDir, "rw-------"));
      boolean held = false;
      try {
        held = tryLock(channel) != null;
        if (!held) {
          throw inUse(stateDir, holder(channel));
        }
        channel.truncate(0);
        channel.write(
            ByteBuffer.wrap(
                (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
        return new AgentLock(channel);
      } finally {
        if (!held) {
          channel.close();
        }
      }
    } catch (IOException failed) {
      throw new PlatformException(
          "cannot take the lock " + file,
          failed.toString(),
          "make agent.state_dir writable for this user, or set it to a directory that is");
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException sameProcess) {
      return null;
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer pid = ByteBuffer.allocate(MAX_PID_BYTES);
    channel.read(pid, 0);
    String text = new String(pid.array(), 0, pid.position(), StandardCharsets.US_ASCII).strip();
    return text.matches("[0-9]+") ? "process " + text : "another process";
  }

  private static PlatformException inUse(Path stateDir, String holder) {
    return new PlatformException(
        "cannot use state directory " + stateDir,
        "an agent is running with it (" + holder + ")",
        "stop that one first, or give this one an agent.state_dir and an agent.control.socket of"
            + " its own");
  }

  private static void makeDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory, attributes(directory, "rwx------"));
    }
  }

  private static FileAttribute<?>[] attributes(Path path, String mode) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
        }
        : new FileAttribute<?>[0];
  }

  @Override
  public void close() {
    try {
      // The file stays: removing it would let two agents lock two files of the same name.
      channel.close();
    } catch (IOException closed) {
      // The lock is gone either way.
      return;
    }
  }
}
