package cloud.runbeam.wgagent.app.config;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A file that holds one secret key: 44 characters of base64, or 32 raw bytes.
 *
 * <p>The file is resolved to its real path (secrets are often mounted as links), opened once, and
 * judged by the open descriptor rather than by its name, so that nobody can put another file in its
 * place between look and read.
 */
final class KeyFile {
  /** Base64 with line ends and some blanks; what is larger is no key. */
  private static final int MAX_BYTES = 256;

  /** Reading or writing by group or others. Tested as bits: 0640 and 0604 are as bad as 0644. */
  private static final int EXPOSED_BITS = 0066;

  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  private final Path path;
  private final boolean privateDirectory;

  /**
   * A file.
   *
   * @param privateDirectory whether the directory is already closed to others (systemd's
   *     credentials), so that the file's own mode does not matter
   */
  KeyFile(Path path, boolean privateDirectory) {
    this.path = path;
    this.privateDirectory = privateDirectory;
  }

  /**
   * Reads the key into the arena; the caller closes it.
   *
   * @throws UnusableKeyException saying what is wrong with the file
   */
  SecretKey read(KeyArena arena) throws UnusableKeyException {
    byte[] content = new byte[MAX_BYTES];
    try {
      int length = readContent(content);
      return parse(content, length, "key file " + path, arena);
    } catch (NoSuchFileException _) {
      throw new UnusableKeyException(
          ProblemReason.KEY_MISSING,
          "key file " + path + " does not exist",
          "make it with \"wg-agent genkey\" (mode 0600), or correct the path");
    } catch (AccessDeniedException _) {
      throw new UnusableKeyException(
          ProblemReason.KEY_UNREADABLE,
          "key file " + path + " may not be read by this user",
          "make the agent's user its owner (chown), with mode 0600");
    } catch (IOException failed) {
      throw new UnusableKeyException(
          ProblemReason.KEY_UNREADABLE,
          "key file " + path + " cannot be read: " + failed.getMessage(),
          "check the path and the file system");
    } finally {
      Arrays.fill(content, (byte) 0);
    }
  }

  /**
   * Makes the file with a new key, mode 0600, unless it exists.
   *
   * @throws UnusableKeyException if it cannot be written
   */
  void generateIfMissing(SecretKey newKey) throws UnusableKeyException {
    byte[] text = new byte[45];
    newKey.writeBase64(text, 0);
    text[44] = '\n';
    try (FileChannel channel =
        FileChannel.open(
            path,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer buffer = ByteBuffer.wrap(text);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    } catch (FileAlreadyExistsException _) {
      // Somebody was faster, or it was there before: the existing key counts.
    } catch (IOException failed) {
      throw new UnusableKeyException(
          ProblemReason.KEY_UNREADABLE,
          "key file " + path + " cannot be made: " + failed.getMessage(),
          "create its directory, writable for the agent's user");
    } finally {
      Arrays.fill(text, (byte) 0);
    }
  }

  /** Whether nothing stands at the path. */
  boolean isMissing() {
    return Files.notExists(path, LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Reads a key from text or raw bytes.
   *
   * @param content holds the key in its first {@code length} bytes; the caller wipes it
   * @param source what is named in messages
   */
  static SecretKey parse(byte[] content, int length, String source, KeyArena arena)
      throws UnusableKeyException {
    if (length == SecretKey.BYTES) {
      byte[] raw = Arrays.copyOf(content, length);
      try {
        return arena.copyOf(raw);
      } finally {
        Arrays.fill(raw, (byte) 0);
      }
    }
    int start = 0;
    int end = length;
    while (start < end && content[start] <= ' ' && content[start] >= 0) {
      start++;
    }
    while (end > start && content[end - 1] <= ' ' && content[end - 1] >= 0) {
      end--;
    }
    byte[] text = Arrays.copyOfRange(content, start, end);
    try {
      return arena.fromBase64(text);
    } catch (IllegalArgumentException _) {
      throw new UnusableKeyException(
          ProblemReason.KEY_MALFORMED,
          source + " does not hold a key",
          "it must be the 44 characters that \"wg-agent genkey\" prints, or 32 raw bytes");
    } finally {
      Arrays.fill(text, (byte) 0);
    }
  }

  private int readContent(byte[] content) throws IOException, UnusableKeyException {
    Path real = path.toRealPath();
    Map<String, Object> named = attributes(real, LinkOption.NOFOLLOW_LINKS);
    if (!Boolean.TRUE.equals(named.get("isRegularFile"))) {
      // Before opening: a pipe or device would block or act.
      throw new UnusableKeyException(
          ProblemReason.KEY_UNREADABLE,
          "key file " + path + " is not a regular file",
          "name a file that holds the key");
    }
    try (FileChannel channel =
        FileChannel.open(real, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      Map<String, Object> opened = attributesOfDescriptor(real);
      if (!Objects.equals(opened.get("fileKey"), named.get("fileKey"))) {
        throw new UnusableKeyException(
            ProblemReason.KEY_UNREADABLE,
            "key file " + path + " was replaced while it was read",
            "see who may write to its directory, then try again");
      }
      requirePrivate(opened);
      if (channel.size() > content.length) {
        throw new UnusableKeyException(
            ProblemReason.KEY_MALFORMED,
            "key file " + path + " is " + channel.size() + " bytes long",
            "it must be the 44 characters that \"wg-agent genkey\" prints, or 32 raw bytes");
      }
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
        // Until the end of the file or of the buffer.
      }
      return buffer.position();
    }
  }

  private void requirePrivate(Map<String, Object> file) throws UnusableKeyException {
    if (!(file.get("mode") instanceof Integer mode)
        || !(file.get("uid") instanceof Integer owner)) {
      return; // Not a Unix: access lists are the platform's business.
    }
    if (!privateDirectory && (mode & EXPOSED_BITS) != 0) {
      throw new UnusableKeyException(
          ProblemReason.KEY_EXPOSED,
          "key file "
              + path
              + " has mode "
              + String.format("%04o", mode & 07777)
              + ", so that others may read or change it",
          "chmod 600 " + path + ", and consider the key known to them");
    }
    long self = new UnixSystem().getUid();
    if (owner != 0 && owner != self) {
      throw new UnusableKeyException(
          ProblemReason.KEY_EXPOSED,
          "key file " + path + " belongs to user " + owner,
          "make root or the agent's user (" + self + ") its owner");
    }
  }

  /**
   * Attributes of the file that is open under {@code real}, through its descriptor where the system
   * shows descriptors.
   */
  private static Map<String, Object> attributesOfDescriptor(Path real) throws IOException {
    if (Files.isDirectory(DESCRIPTORS)) {
      try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
        for (Path descriptor : descriptors) {
          if (target(descriptor).filter(real::equals).isPresent()) {
            return attributes(descriptor);
          }
        }
      } catch (DirectoryIteratorException failed) {
        throw failed.getCause();
      }
      return Map.of(); // Renamed or deleted since it was opened.
    }
    return attributes(real, LinkOption.NOFOLLOW_LINKS);
  }

  private static Optional<Path> target(Path descriptor) {
    try {
      return Optional.of(Files.readSymbolicLink(descriptor));
    } catch (IOException _) {
      return Optional.empty(); // Closed meanwhile, by another thread.
    }
  }

  private static Map<String, Object> attributes(Path file, LinkOption... options)
      throws IOException {
    boolean unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
    return Files.readAttributes(
        file, unix ? "unix:mode,uid,isRegularFile,fileKey" : "isRegularFile,fileKey", options);
  }
}
