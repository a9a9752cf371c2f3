package cloud.runbeam.wgagent.app.audit;

import cloud.runbeam.wgagent.app.audit.AuditChain.Head;
import cloud.runbeam.wgagent.app.audit.AuditChain.Link;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file that is written at present, locked against another agent, 0600, never through a link.
 * Appended to by one thread at a time; forced by another one meanwhile.
 */
final class AuditFile {
  private static final Logger log = LoggerFactory.getLogger(AuditFile.class);

  /** Longer than any line, so that the last whole one is in there. */
  private static final int TAIL_BYTES = 256 * 1_024;

  private final Path directory;
  private final FileChannel channel;
  private final Optional<String> torn;
  private volatile Head last;
  private long size;
  private volatile long forced;

  private AuditFile(
      Path directory, FileChannel channel, Head last, long size, Optional<String> torn) {
    this.directory = directory;
    this.channel = channel;
    this.last = last;
    this.size = size;
    this.torn = torn;
    this.forced = last.sequence();
  }

  /** The file as it is; an unfinished line is ended, and {@link #torn} tells of it. */
  static AuditFile open(Path directory) throws IOException {
    makeDirectory(directory);
    FileChannel channel = openLocked(directory.resolve(AuditChain.NAME));
    try {
      long size = channel.size();
      String tail = tail(channel, size);
      Optional<String> torn = Optional.empty();
      if (!tail.isEmpty() && !tail.endsWith("\n")) {
        torn = Optional.of(tail.substring(tail.lastIndexOf('\n') + 1));
        tail = tail.substring(0, tail.lastIndexOf('\n') + 1);
        size += channel.write(ByteBuffer.wrap(new byte[] {'\n'}), size);
      }
      return new AuditFile(directory, channel, end(directory, tail), size, torn);
    } catch (IOException failed) {
      channel.close();
      throw failed;
    }
  }

  /** A new file that goes on after {@code last}. */
  static AuditFile open(Path directory, Head last) throws IOException {
    FileChannel channel = openLocked(directory.resolve(AuditChain.NAME));
    return new AuditFile(directory, channel, last, channel.size(), Optional.empty());
  }

  /** Renames the log to {@code audit.log.1}, that one to {@code .2}, and so on. */
  static void putAside(Path directory, int kept) throws IOException {
    Files.deleteIfExists(numbered(directory, kept));
    for (int i = kept - 1; i >= 1; i--) {
      move(numbered(directory, i), numbered(directory, i + 1));
    }
    move(directory.resolve(AuditChain.NAME), numbered(directory, 1));
  }

  static Path numbered(Path directory, int number) {
    return directory.resolve(AuditChain.NAME + "." + number);
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException _) {
      // Not so many were put aside yet.
    }
  }

  /** Where it ends. */
  Head last() {
    return last;
  }

  /** In bytes. */
  long size() {
    return size;
  }

  /** The unfinished line that was found at the end when the file was opened. */
  Optional<String> torn() {
    return torn;
  }

  /** Number of the last line that is on disk for sure. Any thread. */
  long forced() {
    return forced;
  }

  /** Writes one line, whole or not at all. */
  void append(Link link) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((link.line() + "\n").getBytes(StandardCharsets.UTF_8));
    long at = size;
    try {
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
    } catch (IOException failed) {
      channel.truncate(size);
      throw failed;
    }
    size = at;
    last = new Head(link.sequence(), link.hash());
  }

  /** Brings to disk what was written before this call, and notes where the log ends. Any thread. */
  void force() throws IOException {
    Head upTo = last;
    channel.force(false);
    forced = upTo.sequence();
    noteEnd(upTo);
  }

  /** Behind the log at worst: it tells of a line that is missing, never of one that is not. */
  private void noteEnd(Head end) {
    try (FileChannel head =
        FileChannel.open(
            directory.resolve(AuditChain.HEAD),
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
            privateFile(directory))) {
      byte[] text = end.text().getBytes(StandardCharsets.US_ASCII);
      head.write(ByteBuffer.wrap(text), 0);
      head.truncate(text.length);
    } catch (IOException failed) {
      log.debug("cannot note the end of the audit log: {}", failed.toString());
    }
  }

  /** Idempotent. */
  void close() {
    try {
      channel.close();
    } catch (IOException failed) {
      log.debug("audit log not closed cleanly: {}", failed.toString());
    }
  }

  private static FileChannel openLocked(Path path) throws IOException {
    Set<OpenOption> options =
        Set.of(
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS);
    FileChannel channel = FileChannel.open(path, options, privateFile(path));
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return channel;
      }
    } catch (OverlappingFileLockException _) {
      // Said below.
    } catch (IOException failed) {
      channel.close();
      throw failed;
    }
    channel.close();
    throw new IOException("another agent writes " + path + ": give each a state_dir of its own");
  }

  private static FileAttribute<?>[] privateFile(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  private static void makeDirectory(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    FileAttribute<?>[] attributes =
        directory.getFileSystem().supportedFileAttributeViews().contains("posix")
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
            }
            : new FileAttribute<?>[0];
    Files.createDirectories(directory, attributes);
  }

  private static String tail(FileChannel channel, long size) throws IOException {
    long from = Math.max(0, size - TAIL_BYTES);
    ByteBuffer bytes = ByteBuffer.allocate((int) (size - from));
    while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
      // Until all is there.
    }
    return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
  }

  /** The last line that is one; that of the file before where this one has none. */
  private static Head end(Path directory, String tail) {
    Optional<Head> last = lastOf(tail);
    if (last.isPresent()) {
      return last.get();
    }
    try {
      return AuditChain.parseHead(Files.readString(directory.resolve(AuditChain.HEAD)))
          .orElseGet(() -> new Head(0, AuditChain.START));
    } catch (IOException _) {
      return new Head(0, AuditChain.START);
    }
  }

  private static Optional<Head> lastOf(String text) {
    return text.lines()
        .map(AuditChain::parse)
        .flatMap(Optional::stream)
        .reduce((_, later) -> later)
        .map(link -> new Head(link.sequence(), link.hash()));
  }
}
