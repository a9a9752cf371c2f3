package cloud.runbeam.wgagent.app.state;

import cloud.runbeam.wgagent.app.config.ConfigLoader;
import cloud.runbeam.wgagent.app.config.ConfigResult;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.tunnel.NetworkStore;
import cloud.runbeam.wgagent.app.tunnel.NetworkText;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Networks of the API in {@code STATE_DIR/networks.d/NAME.toml}, readable by the agent's user only.
 *
 * <p>A file is written beside the one it replaces, synced, and renamed over it, and the directory
 * is synced: after a crash the old one is there or the new one, whole. Files that cannot be used
 * are reported and left where they are. Any thread.
 */
public final class NetworkFiles implements NetworkStore {
  private static final Logger log = LoggerFactory.getLogger(NetworkFiles.class);

  private static final String SUFFIX = ".toml";

  private final Path directory;
  private final NetworkText text;
  private final ConfigLoader loader;

  /** Files below {@code stateDir}; nothing is made before something is kept. */
  public NetworkFiles(Path stateDir, NetworkText text, ConfigLoader loader) {
    this.directory = stateDir.resolve("networks.d");
    this.text = text;
    this.loader = loader;
  }

  /** The networks that are kept, by name; what cannot be used is left out and reported. */
  public List<NetworkConfig> load() {
    List<NetworkConfig> networks = new ArrayList<>();
    for (Path file : files()) {
      switch (loader.load(file)) {
        case ConfigResult.Rejected rejected ->
            rejected
                .problems()
                .forEach(problem -> log.error("a kept network is left out: {}", problem));
        case ConfigResult.Loaded loaded -> {
          List<NetworkConfig> found = loaded.config().networks();
          String name = nameOf(file);
          if (found.size() == 1 && found.getFirst().name().equals(name)) {
            networks.add(found.getFirst());
          } else {
            log.error(
                "a kept network is left out: {} must hold network {} and nothing else: mend it, or"
                    + " remove it",
                file,
                name);
          }
        }
      }
    }
    return networks;
  }

  @Override
  public void keep(NetworkConfig config) throws PlatformException {
    Path file = directory.resolve(config.name() + SUFFIX);
    // No network's name begins with a dot, so that a leftover of a crash is never taken for one.
    Path next = directory.resolve("." + config.name() + SUFFIX + ".new");
    try {
      makeDirectory();
      Files.deleteIfExists(next);
      ByteBuffer bytes = ByteBuffer.wrap(text.toToml(config).getBytes(StandardCharsets.UTF_8));
      try (FileChannel channel =
          FileChannel.open(
              next,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              forOwnerOnly("rw-------"))) {
        while (bytes.hasRemaining()) {
          int _ = channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      syncDirectory();
    } catch (IOException failed) {
      throw new PlatformException(
          "cannot keep network " + config.name() + " in " + file,
          failed.toString(),
          "make room there and make the directory writable for this user, set agent.state_dir, or"
              + " connect without persist");
    }
  }

  @Override
  public void forget(String network) throws PlatformException {
    Path file = directory.resolve(network + SUFFIX);
    try {
      if (Files.deleteIfExists(file)) {
        syncDirectory();
      }
    } catch (IOException failed) {
      throw new PlatformException(
          "cannot forget network " + network,
          failed.toString(),
          "remove " + file + " yourself, or make the directory writable for this user");
    }
  }

  private List<Path> files() {
    List<Path> files = new ArrayList<>();
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return files;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "[!.]*" + SUFFIX)) {
      for (Path entry : entries) {
        if (Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
          files.add(entry);
        } else {
          log.error("a kept network is left out: {} is not a regular file: remove it", entry);
        }
      }
    } catch (IOException failed) {
      log.error(
          "kept networks are left out: {} cannot be read: {}: make it readable for this user",
          directory,
          failed.toString());
    }
    Collections.sort(files);
    return files;
  }

  private static String nameOf(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.substring(0, name.length() - SUFFIX.length());
  }

  private void makeDirectory() throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(directory, forOwnerOnly("rwx------"));
    }
  }

  private FileAttribute<?>[] forOwnerOnly(String mode) {
    return directory.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
        }
        : new FileAttribute<?>[0];
  }

  private void syncDirectory() throws IOException {
    if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
