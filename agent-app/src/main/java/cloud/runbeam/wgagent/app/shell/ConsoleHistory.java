package cloud.runbeam.wgagent.app.shell;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jline.reader.impl.history.DefaultHistory;

/**
 * What was typed, for the arrow keys and the next console: in the user's state directory (XDG Base
 * Directory Specification), never in the working directory, readable by the user alone. A line with
 * anything that may be a key in it is not remembered at all.
 */
public final class ConsoleHistory extends DefaultHistory {
  /** 32 bytes in base64 or hexadecimal; public keys too, because nobody can tell. */
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9+/_-]{42,}=?|[0-9A-Fa-f]{64}");

  @Override
  public void add(Instant time, String line) {
    if (!KEY.matcher(line).find()) {
      super.add(time, line);
    }
  }

  /** Where it is kept: empty where the environment names no place for it. */
  public static Optional<Path> file(Map<String, String> variables) {
    return directory(variables, "XDG_STATE_HOME", "")
        .or(() -> directory(variables, "HOME", ".local/state"))
        .or(() -> directory(variables, "LOCALAPPDATA", ""))
        .map(state -> state.resolve("wg-agent").resolve("console-history"));
  }

  private static Optional<Path> directory(
      Map<String, String> variables, String name, String below) {
    return Optional.ofNullable(variables.get(name))
        .filter(text -> !text.isEmpty())
        .map(Path::of)
        .filter(Path::isAbsolute)
        .map(path -> path.resolve(below));
  }

  /**
   * Makes the file with its directory, for the user alone; the history is kept in memory only where
   * that fails.
   */
  public static Optional<Path> prepare(Path file) {
    try {
      Path directory = Objects.requireNonNull(file.toAbsolutePath().getParent());
      boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
      Files.createDirectories(directory.resolveSibling(""));
      if (!Files.isDirectory(directory)) {
        Files.createDirectory(directory);
        if (posix) {
          Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
      }
      create(file, posix);
      if (posix) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      }
      return Optional.of(file);
    } catch (IOException _) {
      return Optional.empty(); // A read-only home is no reason not to start.
    }
  }

  private static void create(Path file, boolean posix) throws IOException {
    try {
      if (posix) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      } else {
        Files.createFile(file);
      }
    } catch (FileAlreadyExistsException _) {
      // Of an earlier console.
    }
  }
}
