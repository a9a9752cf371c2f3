package cloud.runbeam.wgagent.app.config.wgquick;

import cloud.runbeam.wgagent.app.config.wgquick.ConfNetwork.MovedKey;
import java.io.IOException;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Writes keys to files of their own, all or none. One thread. */
final class KeyMove implements AutoCloseable {
  private static final int MAX_EXISTING_BYTES = 256;

  private final List<MovedKey> keys;
  private final List<Path> made = new ArrayList<>();
  private boolean kept;

  KeyMove(List<MovedKey> keys) {
    this.keys = List.copyOf(keys);
  }

  /** A key cannot be written where it should be. */
  static final class RefusedException extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    private final transient MovedKey key;
    private final String what;
    private final String advice;

    RefusedException(MovedKey key, String what, String advice) {
      super(what);
      this.key = key;
      this.what = what;
      this.advice = advice;
    }

    MovedKey key() {
      return key;
    }

    String what() {
      return what;
    }

    String advice() {
      return advice;
    }
  }

  /** Writes them; a file that holds the same key already is taken as written. */
  void write() throws RefusedException {
    for (MovedKey key : keys) {
      try {
        write(key);
      } catch (FileAlreadyExistsException _) {
        if (!holds(key)) {
          throw new RefusedException(
              key,
              "cannot be moved: " + key.file() + " exists and is another",
              "choose another --name or --key-dir, or remove the file");
        }
      } catch (IOException | UnsupportedOperationException failed) {
        throw new RefusedException(
            key,
            "cannot be moved to " + key.file() + ": " + reason(failed),
            "run as root, or choose a directory of your own with --key-dir");
      }
    }
  }

  private static String reason(Exception failed) {
    return failed.getClass().getSimpleName().replace("Exception", "")
        + (failed.getMessage() == null ? "" : " " + failed.getMessage());
  }

  private void write(MovedKey key) throws IOException {
    Path directory = key.file().getParent();
    if (directory != null && Files.notExists(directory)) {
      Path above = directory.getParent();
      if (above != null) {
        Files.createDirectories(above);
      }
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    byte[] line = key.secret().line();
    try (FileChannel channel =
        FileChannel.open(
            key.file(),
            Set.of(
                StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      made.add(key.file());
      ByteBuffer bytes = ByteBuffer.wrap(line);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    } finally {
      Arrays.fill(line, (byte) 0);
    }
  }

  private static boolean holds(MovedKey key) {
    byte[] content = new byte[0];
    try {
      if (!Files.isRegularFile(key.file(), LinkOption.NOFOLLOW_LINKS)
          || Files.size(key.file()) > MAX_EXISTING_BYTES) {
        return false;
      }
      content = Files.readAllBytes(key.file());
      int length = content.length;
      while (length > 0 && content[length - 1] <= ' ' && content[length - 1] >= 0) {
        length--;
      }
      byte[] text = Arrays.copyOf(content, length);
      boolean same = key.secret().holds(text);
      Arrays.fill(text, (byte) 0);
      return same;
    } catch (IOException _) {
      return false;
    } finally {
      Arrays.fill(content, (byte) 0);
    }
  }

  /** All went well: the files stay. */
  void keep() {
    kept = true;
  }

  /** Where the keys are. */
  List<Path> files() {
    return keys.stream().map(MovedKey::file).toList();
  }

  /** Removes what was written, unless {@link #keep} was called. */
  @Override
  public void close() {
    if (!kept) {
      made.forEach(file -> file.toFile().delete());
    }
  }
}
