package cloud.runbeam.wgagent.app.control;

import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/** Cuts a stream into lines, holding at most one line and a bit of the next. One thread. */
final class LineReader {
  private static final int INITIAL_BYTES = 4 * 1_024;

  private final ReadableByteChannel source;
  private final int maxLineBytes;
  private ByteBuffer buffer = ByteBuffer.allocate(INITIAL_BYTES);

  LineReader(ReadableByteChannel source, int maxLineBytes) {
    this.source = source;
    this.maxLineBytes = maxLineBytes;
  }

  /**
   * The next line without its end, in memory of its own; null at the end of the stream, where an
   * unfinished line is dropped.
   *
   * @throws RequestException of type {@link ErrorType#TOO_LARGE} when the line is longer than
   *     allowed
   */
  @Nullable ByteBuffer next() throws IOException, RequestException {
    int searched = 0;
    while (true) {
      for (; searched < buffer.position(); searched++) {
        if (buffer.get(searched) == '\n') {
          return take(searched);
        }
      }
      if (searched > maxLineBytes) {
        throw new RequestException(
            ErrorType.TOO_LARGE, "a line has at most " + maxLineBytes + " bytes");
      }
      if (!buffer.hasRemaining()) {
        // One byte more than a line may have, so that its end fits.
        grow(Math.min(buffer.capacity() * 2, maxLineBytes + 1));
      }
      if (source.read(buffer) < 0) {
        return null;
      }
    }
  }

  private ByteBuffer take(int end) {
    byte[] line = new byte[end];
    buffer.get(0, line);
    buffer.flip().position(end + 1);
    buffer.compact();
    if (buffer.capacity() > INITIAL_BYTES && buffer.position() <= INITIAL_BYTES / 2) {
      grow(INITIAL_BYTES); // Gives the room of a long line back.
    }
    return ByteBuffer.wrap(line);
  }

  private void grow(int bytes) {
    ByteBuffer other = ByteBuffer.allocate(bytes);
    other.put(buffer.flip());
    buffer = other;
  }
}
