package cloud.runbeam.wgagent.app.diagnostics;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where archives are kept: a directory that only the agent's user may enter, with the newest few.
 */
public final class ArchiveDirectory {
  private static final int KEPT = 5;

  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path directory;

  /** The directory at that path, made when the first archive is written. */
  public ArchiveDirectory(Path directory) {
    this.directory = directory;
  }

  /**
   * Writes an archive, mode 0600, and removes the oldest where there are more than five. Any
   * thread.
   *
   * @return its path
   */
  public synchronized Path write(DiagnosticArchive archive) throws IOException {
    boolean posix = directory.getFileSystem().supportedFileAttributeViews().contains("posix");
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(directory.toAbsolutePath().getParent());
      Files.createDirectory(directory, posix ? attributes(OWNER_ONLY_DIRECTORY) : attributes());
    }
    removeOldest();
    Path file = create(archive.name(), archive.bytes(), posix);
    return file;
  }

  /** Never over an existing file: two archives of one second get names of their own. */
  private Path create(String name, byte[] bytes, boolean posix) throws IOException {
    for (int attempt = 0; ; attempt++) {
      Path file =
          directory.resolve(attempt == 0 ? name : name.replace(".zip", "-" + attempt + ".zip"));
      try (SeekableByteChannel channel =
          Files.newByteChannel(
              file,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              posix ? attributes(OWNER_ONLY) : attributes())) {
        ByteBuffer content = ByteBuffer.wrap(bytes);
        while (content.hasRemaining()) {
          channel.write(content);
        }
        return file;
      } catch (FileAlreadyExistsException taken) {
        if (attempt == KEPT) {
          throw taken;
        }
      }
    }
  }

  private static FileAttribute<?>[] attributes(FileAttribute<?>... attributes) {
    return attributes;
  }

  private void removeOldest() throws IOException {
    List<Path> archives;
    try (Stream<Path> files = Files.list(directory)) {
      archives =
          files
              .filter(file -> file.getFileName().toString().startsWith("wg-agent-diag-"))
              .sorted()
              .toList();
    }
    for (int i = 0; i <= archives.size() - KEPT; i++) {
      Files.deleteIfExists(archives.get(i));
    }
  }
}
