package cloud.runbeam.wgagent.app.rotation;

import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Rotations in progress, one file each: {@code STATE_DIR/rotations/NETWORK}, lines of {@code
 * name=value}. Public keys and times only; the new private key lies beside the old one.
 *
 * <p>Written to a file beside it, synchronised and renamed: a crash leaves the state before or
 * after.
 */
public final class RotationStore {
  /** Ten thousand peers of 44 characters, and some; what is larger is not ours. */
  private static final long MAX_BYTES = 1 << 20;

  private final Path directory;

  /** A store in {@code stateDirectory}, which is made when first needed. */
  public RotationStore(Path stateDirectory) {
    this.directory = stateDirectory.resolve("rotations");
  }

  /**
   * The rotation of {@code network}, empty if none is in progress.
   *
   * @throws IOException if there is a file that cannot be read or understood
   */
  Optional<RotationRecord> load(String network) throws IOException {
    Path file = file(network);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException(file + " is larger than any that the agent writes");
    }
    Properties lines = new Properties();
    try {
      lines.load(new StringReader(Files.readString(file, StandardCharsets.UTF_8)));
      return Optional.of(
          new RotationRecord(
              key(lines, "previous"),
              key(lines, "next"),
              flag(lines, "now"),
              flag(lines, "committing"),
              Instant.parse(value(lines, "overlap_until")),
              keys(value(lines, "moved"))));
    } catch (IllegalArgumentException | DateTimeException malformed) {
      throw new IOException(file + " cannot be understood: " + malformed.getMessage(), malformed);
    }
  }

  /** Remembers how the rotation of {@code network} stands; returns when it is on disk. */
  void save(String network, RotationRecord rotation) throws IOException {
    makeDirectory();
    String text =
        "previous=%s%nnext=%s%nnow=%s%ncommitting=%s%noverlap_until=%s%nmoved=%s%n"
            .formatted(
                rotation.previous().toBase64(),
                rotation.next().toBase64(),
                rotation.now(),
                rotation.committing(),
                rotation.overlapUntil(),
                rotation.moved().stream()
                    .map(PublicKey::toBase64)
                    .collect(Collectors.joining(" ")));
    Path unfinished = directory.resolve("." + network + ".new");
    try (FileChannel channel =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(
        unfinished,
        file(network),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    syncDirectory();
  }

  /** The rotation of {@code network} is over. */
  void remove(String network) throws IOException {
    if (Files.deleteIfExists(file(network))) {
      syncDirectory();
    }
  }

  private Path file(String network) {
    return directory.resolve(network);
  }

  private void makeDirectory() throws IOException {
    boolean posix = directory.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] ownerOnly =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
            }
            : new FileAttribute<?>[0];
    Files.createDirectories(directory, ownerOnly);
  }

  private void syncDirectory() throws IOException {
    if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private static String value(Properties lines, String name) {
    String value = lines.getProperty(name);
    if (value == null) {
      throw new IllegalArgumentException("it has no " + name);
    }
    return value;
  }

  private static boolean flag(Properties lines, String name) {
    return switch (value(lines, name).toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(name + " is neither true nor false");
    };
  }

  private static PublicKey key(Properties lines, String name) {
    return PublicKey.fromBase64(value(lines, name));
  }

  private static Set<PublicKey> keys(String list) {
    Set<PublicKey> keys = new LinkedHashSet<>();
    for (String text : list.strip().split(" ", -1)) {
      if (!text.isEmpty()) {
        keys.add(PublicKey.fromBase64(text));
      }
    }
    return keys;
  }
}
