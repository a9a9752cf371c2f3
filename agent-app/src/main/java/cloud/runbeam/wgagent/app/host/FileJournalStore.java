package cloud.runbeam.wgagent.app.host;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Journals in {@code STATE_DIR/journal/NETWORK.journal}. */
public final class FileJournalStore implements JournalStore {
  private static final String SUFFIX = ".journal";

  private final Path directory;
  private final String epoch;
  private final JournalDisk disk;

  /**
   * Journals below {@code stateDir}, which is made, for its owner only, when something is written.
   *
   * @param epoch {@link cloud.runbeam.wgagent.platform.api.PlatformPlugin#networkEpoch}
   */
  public FileJournalStore(Path stateDir, String epoch) {
    this(stateDir, epoch, JournalDisk.REAL);
  }

  FileJournalStore(Path stateDir, String epoch, JournalDisk disk) {
    this.directory = stateDir.resolve("journal");
    this.epoch = epoch.isEmpty() ? "none" : epoch;
    this.disk = disk;
  }

  @Override
  public ChangeJournal open(String network) throws IOException {
    return FileJournal.open(
        directory.resolve(network + SUFFIX),
        epoch,
        (file, bytes) -> {
          makeDirectory();
          disk.append(file, bytes);
        });
  }

  @Override
  public List<String> networks() throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        names.add(name.substring(0, name.length() - SUFFIX.length()));
      }
    }
    Collections.sort(names);
    return names;
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
