package cloud.runbeam.wgagent.app.uapi;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a socket file is gone or is another file now. Deleting {@code
 * /var/run/wireguard/NAME.sock} is how {@code wg-quick down} and people end a userspace WireGuard
 * (wireguard-go's {@code ipc/uapi_linux.go} watches it in the same way).
 */
final class SocketFileWatch implements AutoCloseable {
  private final Path socket;
  private final @Nullable Object fileKey;
  private final WatchService service;
  private final CompletableFuture<Void> removed = new CompletableFuture<>();

  /**
   * Starts to watch {@code socket}, which is {@code fileKey} now, with a thread that lives until
   * {@link #close}.
   */
  SocketFileWatch(Path socket, @Nullable Object fileKey) throws IOException {
    this.socket = socket;
    this.fileKey = fileKey;
    Path directory = Objects.requireNonNull(socket.getParent());
    this.service = directory.getFileSystem().newWatchService();
    directory.register(service, StandardWatchEventKinds.ENTRY_DELETE);
    Thread.ofVirtual().name("uapi-watch-" + socket.getFileName()).start(this::watch);
  }

  CompletableFuture<Void> removed() {
    return removed;
  }

  private void watch() {
    try {
      // Looked at once before waiting: the file may have gone between bind and register.
      while (isOurs()) {
        WatchKey key = service.take();
        key.pollEvents();
        key.reset();
      }
      removed.complete(null);
    } catch (ClosedWatchServiceException e) {
      // close() was called; nobody removed anything.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isOurs() {
    try {
      return Objects.equals(
          fileKey,
          Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
              .fileKey());
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      service.close();
    } catch (IOException e) {
      throw new IllegalStateException("closing the watch on " + socket, e);
    }
  }
}
