package cloud.runbeam.wgagent.app.state;

import cloud.runbeam.wgagent.engine.io.TimestampStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * Keeps the handshake timestamp reservation in {@code STATE_DIR/handshake-timestamp}, one line with
 * an ISO 8601 time.
 *
 * <p>Written to a file beside it and renamed, so that a crash leaves the old or the new one. A file
 * that cannot be understood counts as absent: a handshake refused by peers for a while is better
 * than an agent that does not start.
 */
public final class FileTimestampStore implements TimestampStore {
  private static final String NAME = "handshake-timestamp";

  /** Longer than any ISO time; what is longer is not ours. */
  private static final int MAX_BYTES = 64;

  private final Path directory;

  /**
   * A store in {@code stateDirectory}, which is made, readable by its owner only, if it is missing.
   */
  public FileTimestampStore(Path stateDirectory) {
    this.directory = stateDirectory;
  }

  @Override
  public Optional<Instant> reserved() {
    Path file = directory.resolve(NAME);
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
        return Optional.empty();
      }
      return Optional.of(Instant.parse(Files.readString(file, StandardCharsets.US_ASCII).strip()));
    } catch (IOException | DateTimeParseException e) {
      return Optional.empty();
    }
  }

  @Override
  public void reserve(Instant upTo) throws IOException {
    try {
      makeDirectory();
      Path file = directory.resolve(NAME);
      Path next = directory.resolve(NAME + ".new");
      Files.writeString(
          next,
          upTo + "\n",
          StandardCharsets.US_ASCII,
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new IOException(
          "cannot remember the last handshake time in "
              + directory
              + ": "
              + e
              + "; make the directory writable for this user, or set agent.state_dir",
          e);
    }
  }

  private void makeDirectory() throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } else {
      Files.createDirectories(directory);
    }
  }
}
