package cloud.runbeam.wgagent.platform.linux.dns;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * Writes a small file whole or not at all: beside its place first, forced to disk, then renamed
 * into it. A link in its place is replaced, not followed. Where that is not possible, because the
 * file is a mount of its own (containers) or its directory is read-only, it is written in place.
 */
final class FileReplacement {
  /** Everybody reads, root writes. */
  static final Owner PUBLIC = new Owner(0644, -1, -1);

  private static final int PERMISSIONS = 07777;

  private FileReplacement() {}

  /** Writes; the first failure is thrown if writing in place fails too. */
  static void write(Path file, byte[] bytes, Owner owner) throws IOException {
    try {
      replace(file, bytes, owner);
    } catch (IOException refused) {
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        throw refused;
      }
      try {
        put(file, bytes, StandardOpenOption.TRUNCATE_EXISTING);
      } catch (IOException refusedToo) {
        refused.addSuppressed(refusedToo);
        throw refused;
      }
    }
  }

  private static void replace(Path file, byte[] bytes, Owner owner) throws IOException {
    Path beside = beside(file);
    Files.deleteIfExists(beside);
    try {
      put(beside, bytes, StandardOpenOption.CREATE_NEW);
      owner.give(beside);
      move(beside, file);
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  /** Puts a symbolic link in the file's place. */
  static void link(Path file, Path target) throws IOException {
    Path beside = beside(file);
    Files.deleteIfExists(beside);
    try {
      Files.createSymbolicLink(beside, target);
      move(beside, file);
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  private static Path beside(Path file) {
    return file.resolveSibling("." + file.getFileName() + ".wg-agent");
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void put(Path file, byte[] bytes, StandardOpenOption how) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, Set.of(StandardOpenOption.WRITE, how, LinkOption.NOFOLLOW_LINKS))) {
      ByteBuffer left = ByteBuffer.wrap(bytes);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    }
  }

  /**
   * Whose a file is.
   *
   * @param mode permission bits
   * @param uid its user, -1 to leave it to the system
   * @param gid its group, -1 to leave it to the system
   */
  record Owner(int mode, int uid, int gid) {
    /** That of a file; of a link itself where it is one. */
    static Owner of(Path file) throws IOException {
      return new Owner(
          number(file, "unix:mode") & PERMISSIONS,
          number(file, "unix:uid"),
          number(file, "unix:gid"));
    }

    private static int number(Path file, String attribute) throws IOException {
      Object value = Files.getAttribute(file, attribute, LinkOption.NOFOLLOW_LINKS);
      return value instanceof Integer number ? number : -1;
    }

    void give(Path file) throws IOException {
      Files.setAttribute(file, "unix:mode", mode);
      if (uid >= 0 && gid >= 0) {
        Files.setAttribute(file, "unix:uid", uid);
        Files.setAttribute(file, "unix:gid", gid);
      }
    }
  }
}
