package cloud.runbeam.wgagent.app.config;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.EntropySource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;

/**
 * The private key file of a network whose key is being rotated, and the new key beside it.
 *
 * <pre>
 *   private.key                         the key of now, throughout
 *   private.key.next.new ──rename──▶ private.key.next ──promote: rename──▶ private.key
 * </pre>
 *
 * <p>Each step is one rename of a file that is complete on disk (fsync before, of the directory
 * after), so that a crash leaves the state before or after it. Where the configured path is a link,
 * the file that it leads to is the one that is replaced.
 */
public final class RotatingKeyFile {
  private static final int TEXT_BYTES = 45;

  private final Path file;

  private RotatingKeyFile(Path file) {
    this.file = file;
  }

  /**
   * The file that {@code source} names.
   *
   * @throws UnusableKeyException if the key does not come from a file, or there is none
   */
  public static RotatingKeyFile of(KeySource source) throws UnusableKeyException {
    if (!(source instanceof KeySource.File named)) {
      throw new UnusableKeyException(
          ProblemReason.KEY_UNREADABLE,
          "the private key comes from " + source.describe() + ", which cannot be rewritten",
          "rotate it where it comes from, or use private_key_path");
    }
    try {
      return new RotatingKeyFile(named.path().toRealPath());
    } catch (IOException failed) {
      throw new UnusableKeyException(
          ProblemReason.KEY_MISSING,
          "key file " + named.path() + " cannot be found: " + failed.getMessage(),
          "check the path");
    }
  }

  /** The file that holds the new key until it is promoted. */
  public Path next() {
    return file.resolveSibling(file.getFileName() + ".next");
  }

  /**
   * Makes a new key and stores it beside the key of now; one that is there is replaced.
   *
   * @return the key, the caller's to close
   * @throws UnusableKeyException if it cannot be stored
   */
  public SecretKey makeNext(KeyArena arena, EntropySource entropy) throws UnusableKeyException {
    SecretKey key = arena.allocate();
    byte[] text = new byte[TEXT_BYTES];
    boolean stored = false;
    try {
      entropy.fill(key.bytes());
      key.clamp();
      key.writeBase64(text, 0);
      text[TEXT_BYTES - 1] = '\n';
      store(text);
      stored = true;
      return key;
    } catch (IOException failed) {
      throw unwritable("store the new key as " + next(), failed);
    } finally {
      Arrays.fill(text, (byte) 0);
      if (!stored) {
        key.close();
      }
    }
  }

  /**
   * The key stored by {@link #makeNext}; the caller closes it.
   *
   * @throws UnusableKeyException if it is not there or cannot be used
   */
  public SecretKey readNext(KeyArena arena) throws UnusableKeyException {
    return new KeyFile(next(), false).read(arena);
  }

  /** Whether a new key lies beside the key of now. */
  public boolean hasNext() {
    return Files.isRegularFile(next(), LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Puts the new key in the place of the key of now, which is gone then.
   *
   * @throws UnusableKeyException if that fails; both are as they were then
   */
  public void promote() throws UnusableKeyException {
    try {
      Files.move(next(), file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      syncDirectory();
    } catch (IOException failed) {
      throw unwritable("replace " + file + " by the new key", failed);
    }
  }

  /**
   * Removes the new key; nothing happens if there is none.
   *
   * @throws UnusableKeyException if it cannot be removed
   */
  public void discardNext() throws UnusableKeyException {
    try {
      Files.deleteIfExists(next());
      syncDirectory();
    } catch (IOException failed) {
      throw unwritable("remove " + next(), failed);
    }
  }

  private void store(byte[] text) throws IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + ".next.new");
    Files.deleteIfExists(unfinished);
    try (FileChannel channel =
        FileChannel.open(
            unfinished,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            ownerOnly())) {
      ByteBuffer buffer = ByteBuffer.wrap(text);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
    Files.move(
        unfinished, next(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncDirectory();
  }

  private FileAttribute<?>[] ownerOnly() {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  /** Makes the rename last. A system that cannot open directories has no such call either. */
  private void syncDirectory() throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel directory = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
        directory.force(true);
      }
    }
  }

  private static UnusableKeyException unwritable(String what, IOException failed) {
    return new UnusableKeyException(
        ProblemReason.KEY_UNREADABLE,
        "cannot " + what + ": " + failed,
        "make the directory writable for the agent's user (ReadWritePaths= in a unit), and see that"
            + " the disk is not full");
  }
}
