package cloud.runbeam.wgagent.app.uapi;

import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Listens on the Unix socket of one device and gives every connection a virtual thread that runs a
 * {@link Session}.
 *
 * <pre>
 *   open:  directory 0700 -> nobody answers? -> listen, 0600 -> its name -> watch the file -> accept
 *   close: stop accepting -> cut connections -> remove the file if it is still ours
 * </pre>
 *
 * <p>Who may speak is decided by the file system: only the owner of the socket can open it. Any
 * thread may call any method.
 */
public final class UapiListener implements AutoCloseable {
  /** Where {@code wg} looks on Linux and macOS. */
  public static final Path DIRECTORY = Path.of("/var/run/wireguard");

  /**
   * More clients than this wait in the socket's backlog; each one costs a virtual thread and a file
   * descriptor.
   */
  private static final int MAX_CONNECTIONS = 64;

  /** Speaks the protocol over one connection until either side has had enough. */
  @FunctionalInterface
  public interface Session {
    /** Serves one connection, on a virtual thread of its own; the streams are closed afterwards. */
    void serve(InputStream in, OutputStream out) throws IOException;
  }

  private final Path socket;
  private final Session session;
  private final ServerSocketChannel server;
  private final @Nullable Object fileKey;
  private final SocketFileWatch watch;
  private final Semaphore slots = new Semaphore(MAX_CONNECTIONS);
  private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closed = new AtomicBoolean();

  private UapiListener(
      Path socket,
      Session session,
      ServerSocketChannel server,
      @Nullable Object fileKey,
      SocketFileWatch watch) {
    this.socket = socket;
    this.session = session;
    this.server = server;
    this.fileKey = fileKey;
    this.watch = watch;
  }

  /** The socket that belongs to an interface. */
  public static Path socketPath(Path directory, String interfaceName) {
    return directory.resolve(interfaceName + ".sock");
  }

  /**
   * Opens the socket of {@code interfaceName} and starts to answer.
   *
   * @throws PlatformException if another process answers on the socket, or the directory or socket
   *     cannot be made or trusted
   */
  public static UapiListener open(Path directory, String interfaceName, Session session)
      throws PlatformException {
    Path socket = socketPath(directory, interfaceName);
    try {
      prepareDirectory(directory);
      removeStale(socket, interfaceName);
      ServerSocketChannel server = listen(socket);
      try {
        Object fileKey = fileKey(socket);
        UapiListener listener =
            new UapiListener(
                socket, session, server, fileKey, new SocketFileWatch(socket, fileKey));
        Thread.ofPlatform().daemon().name("uapi-" + interfaceName).start(listener::accept);
        return listener;
      } catch (IOException e) {
        server.close();
        throw e;
      }
    } catch (IOException e) {
      throw new PlatformException(
          "cannot open the UAPI socket " + socket,
          e.toString(),
          "see that " + directory + " can be written by this user and is on a local file system");
    }
  }

  /**
   * Listens under another name first: {@code wg} removes a socket that it finds bound but not
   * listening yet, and nobody should find one with the wrong mode.
   */
  private static ServerSocketChannel listen(Path socket) throws IOException {
    Path unfinished = socket.resolveSibling(socket.getFileName() + ".new");
    Files.deleteIfExists(unfinished);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(unfinished));
      Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rw-------"));
      Files.move(unfinished, socket);
      return server;
    } catch (IOException e) {
      server.close();
      Files.deleteIfExists(unfinished);
      throw e;
    }
  }

  private static void prepareDirectory(Path directory) throws IOException, PlatformException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    String mode =
        PosixFilePermissions.toString(
            Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS));
    if (mode.charAt(4) == 'w' || mode.charAt(7) == 'w') {
      throw new PlatformException(
          "cannot open a UAPI socket in " + directory,
          "others may write there (" + mode + ")",
          "chmod go-w " + directory);
    }
  }

  /**
   * Says early, before anything is created, whether another process answers for this interface;
   * {@link #open} checks again.
   *
   * @throws PlatformException if somebody answers
   */
  public static void requireUnanswered(Path directory, String interfaceName)
      throws PlatformException {
    if (isAnswered(directory, interfaceName)) {
      throw new PlatformException(
          "cannot open the UAPI socket " + socketPath(directory, interfaceName),
          "another process answers on it",
          "choose another interface name, or stop the process that runs " + interfaceName);
    }
  }

  private static void removeStale(Path socket, String interfaceName)
      throws IOException, PlatformException {
    if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    requireUnanswered(Objects.requireNonNull(socket.getParent()), interfaceName);
    boolean isSocket =
        Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
            .isOther();
    if (!isSocket) {
      throw new PlatformException(
          "cannot open the UAPI socket " + socket,
          "something that is not a socket is there",
          "remove it");
    }
    Files.delete(socket);
  }

  /** Whether a process accepts connections on the socket of {@code interfaceName}. */
  public static boolean isAnswered(Path directory, String interfaceName) {
    Path socket = socketPath(directory, interfaceName);
    try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return client.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      // Refused: nobody listens. Otherwise not there, not a socket, or not ours to speak to:
      // binding will tell which.
      return false;
    }
  }

  private static @Nullable Object fileKey(Path socket) throws IOException {
    return Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }

  /** The socket's path. */
  public Path socket() {
    return socket;
  }

  /**
   * Completes when somebody else removes or replaces the socket file, which asks the device to end.
   */
  public CompletableFuture<Void> removed() {
    return watch.removed();
  }

  private void accept() {
    try {
      while (!closed.get()) {
        slots.acquireUninterruptibly();
        SocketChannel connection = server.accept();
        connections.add(connection);
        Thread.ofVirtual().name("uapi-connection").start(() -> serve(connection));
      }
    } catch (IOException e) {
      // The server channel is closed, by close() or because the process ends.
      close();
    }
  }

  private void serve(SocketChannel connection) {
    try (connection) {
      session.serve(Channels.newInputStream(connection), Channels.newOutputStream(connection));
    } catch (IOException e) {
      System.getLogger(UapiListener.class.getName())
          .log(System.Logger.Level.DEBUG, "a UAPI client went away in the middle of a request", e);
    } finally {
      connections.remove(connection);
      slots.release();
    }
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    watch.close();
    cut(server);
    connections.forEach(UapiListener::cut);
    try {
      if (fileKey != null && fileKey.equals(fileKey(socket))) {
        Files.delete(socket);
      }
    } catch (NoSuchFileException e) {
      // Removed by somebody else, which is as good.
      return;
    } catch (IOException e) {
      System.getLogger(UapiListener.class.getName())
          .log(System.Logger.Level.WARNING, "cannot remove " + socket + ": " + e);
    }
  }

  private static void cut(Channel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      System.getLogger(UapiListener.class.getName())
          .log(System.Logger.Level.DEBUG, "closing a UAPI channel", e);
    }
  }
}
