package cloud.runbeam.wgagent.app.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A client that knows nothing of the protocol. */
public final class LineClient implements AutoCloseable {
  private final SocketChannel channel;
  private final BufferedReader reader;

  /** Connects. */
  public LineClient(Path socket) throws IOException {
    channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    reader = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
  }

  /** Sends text as it is. */
  public void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Sends bytes as they are. */
  public void send(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** Sends nothing more. */
  public void endInput() throws IOException {
    channel.shutdownOutput();
  }

  /** The next line, or null when the server closed. */
  public @Nullable String receive() throws IOException {
    return reader.readLine();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
