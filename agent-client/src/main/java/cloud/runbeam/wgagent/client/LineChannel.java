package cloud.runbeam.wgagent.client;

import cloud.runbeam.wgagent.client.ControlException.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.io.Serial;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A connection that carries lines, with a deadline on every wait.
 *
 * <p>One thread sends and one receives at a time; these may be two. Any thread closes, which ends
 * both waits.
 */
final class LineChannel implements AutoCloseable {
  /** Far more than any answer of an agent with thousands of peers. */
  private static final int MAX_LINE_BYTES = 64 << 20;

  /** A deadline that is not there. */
  static final long NEVER = Long.MAX_VALUE;

  private final Path socket;
  private final SocketChannel channel;
  private final Selector readable;
  private ByteBuffer received = ByteBuffer.allocate(16 * 1_024);

  private LineChannel(Path socket, SocketChannel channel, Selector readable) {
    this.socket = socket;
    this.channel = channel;
    this.readable = readable;
  }

  /**
   * Connects.
   *
   * @throws ControlException of kind {@code NO_AGENT} or {@code NO_PERMISSION}
   */
  static LineChannel open(Path socket) throws ControlException {
    SocketChannel channel = null;
    try {
      channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.configureBlocking(false);
      Selector readable = Selector.open();
      channel.register(readable, SelectionKey.OP_READ);
      return new LineChannel(socket, channel, readable);
    } catch (IOException | IllegalArgumentException failed) {
      if (channel != null) {
        closeQuietly(channel);
      }
      throw notConnected(socket, failed);
    }
  }

  /** Whether {@link #close} was not called yet. */
  boolean isOpen() {
    return channel.isOpen();
  }

  /**
   * Sends a line; its end is added.
   *
   * @param deadlineNs on {@link System#nanoTime}, or {@link #NEVER}
   * @throws TooLateException when the deadline passed first; part of the line may be gone, so that
   *     the connection is of no more use
   * @throws IOException if the agent closed the connection
   */
  void send(String line, long deadlineNs) throws IOException, TooLateException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
    if (channel.write(bytes) >= 0 && !bytes.hasRemaining()) {
      return;
    }
    try (Selector writable = Selector.open()) {
      channel.register(writable, SelectionKey.OP_WRITE);
      while (bytes.hasRemaining()) {
        await(writable, deadlineNs);
        channel.write(bytes);
      }
    }
  }

  /**
   * The next line, without its end.
   *
   * @param deadlineNs on {@link System#nanoTime}, or {@link #NEVER}
   * @throws TooLateException when the deadline passed first; what has come is kept for the next
   *     call
   * @throws IOException if the connection is closed, from either end
   * @throws ControlException for a line beyond all measure
   */
  String receive(long deadlineNs) throws IOException, TooLateException, ControlException {
    int searched = 0;
    while (true) {
      for (; searched < received.position(); searched++) {
        if (received.get(searched) == '\n') {
          return take(searched);
        }
      }
      if (!received.hasRemaining()) {
        grow();
      }
      int count = channel.read(received);
      if (count < 0) {
        throw new IOException("end of stream");
      }
      if (count == 0) {
        await(readable, deadlineNs);
      }
    }
  }

  private String take(int end) {
    String line = new String(received.array(), 0, end, StandardCharsets.UTF_8);
    received.flip().position(end + 1);
    received.compact();
    return line;
  }

  private void grow() throws ControlException {
    if (received.capacity() >= MAX_LINE_BYTES) {
      throw new ControlException(
          Kind.BROKEN_REPLY, "the answer is larger than 64 MiB: is " + socket + " a wg-agent?");
    }
    ByteBuffer larger = ByteBuffer.allocate(received.capacity() * 2);
    larger.put(received.flip());
    received = larger;
  }

  private static void await(Selector selector, long deadlineNs)
      throws IOException, TooLateException {
    try {
      if (deadlineNs == NEVER) {
        selector.select();
      } else {
        long leftNs = deadlineNs - System.nanoTime();
        if (leftNs <= 0) {
          throw new TooLateException();
        }
        selector.select(leftNs / 1_000_000 + 1);
      }
      selector.selectedKeys().clear();
    } catch (ClosedSelectorException _) {
      throw new ClosedChannelException();
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new TooLateException();
    }
  }

  private static ControlException notConnected(Path socket, Exception failed) {
    String reason = String.valueOf(failed.getMessage());
    Path parent = parentOf(socket);
    if (Files.exists(socket) && !reason.contains("refused") && reason.contains("ermission")) {
      return new ControlException(
          Kind.NO_PERMISSION,
          "this user may not use "
              + socket
              + ": run as root or as the agent's user, or join a group that the agent's"
              + " configuration names (control.admin_groups, control.reader_groups)");
    }
    if (!Files.exists(socket) && Files.exists(parent) && !Files.isExecutable(parent)) {
      return new ControlException(
          Kind.NO_PERMISSION,
          "this user may not look into " + parent + ": run as root or as the agent's user");
    }
    return new ControlException(
        Kind.NO_AGENT,
        "no agent answers at "
            + socket
            + (Files.exists(socket) ? " (the file is there, its agent is gone)" : "")
            + ": start one with \"wg-agent up\", or name its socket with --socket");
  }

  private static Path parentOf(Path socket) {
    Path parent = socket.toAbsolutePath().getParent();
    return parent == null ? socket.toAbsolutePath() : parent;
  }

  private static void closeQuietly(Closeable resource) {
    try {
      resource.close();
    } catch (IOException _) {
      return; // Nothing is lost with it.
    }
  }

  /** Ends the connection. Idempotent. */
  @Override
  public void close() {
    closeQuietly(channel);
    closeQuietly(readable);
  }

  /** The deadline passed, or the thread was interrupted. */
  static final class TooLateException extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    TooLateException() {
      super("too late", null, false, false);
    }
  }
}
