package cloud.runbeam.wgagent.app.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** The disk below a journal; tests put one in its place that fills up or dies. */
interface JournalDisk {
  /** The disk of this machine. */
  JournalDisk REAL = JournalDisk::appendAndSync;

  /**
   * Appends to a file, which is made, for its owner only, if it is missing; when this returns, the
   * bytes are on disk. A symbolic link is not followed.
   *
   * @throws IOException if they are not; some of them may be
   */
  void append(Path file, byte[] bytes) throws IOException;

  private static void appendAndSync(Path file, byte[] bytes) throws IOException {
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] owner =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    try (FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS),
            owner)) {
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.force(true);
    }
  }
}
