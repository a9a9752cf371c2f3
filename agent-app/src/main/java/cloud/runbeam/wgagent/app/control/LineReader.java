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
  private final Patience patience;
  private ByteBuffer buffer = ByteBuffer.allocate(INITIAL_BYTES);

  /** How long to wait for the rest of a line. */
  @FunctionalInterface
  interface Patience {
    /** Called when a line has begun and its end has not come yet; closed when it has. */
    Deadlines.Pending begin();
  }

  LineReader(ReadableByteChannel source, int maxLineBytes, Patience patience) {
    this.source = source;
    this.maxLineBytes = maxLineBytes;
    this.patience = patience;
  }

  /**
   * The next line without its end, in memory of its own; null at the end of the stream, where an
   * unfinished line is dropped.
   *
   * @throws RequestException of type {@link ErrorType#TOO_LARGE} when the line is longer than
   *     allowed
   */
  @Nullable ByteBuffer next() throws IOException, RequestException {
    int end = endOfLine(0);
    if (end >= 0) {
      return take(end);
    }
    while (buffer.position() == 0) {
      if (source.read(buffer) < 0) {
        return null;
      }
    }
    end = endOfLine(0);
    if (end >= 0) {
      return take(end);
    }
    try (Deadlines.Pending _ = patience.begin()) {
      return rest();
    }
  }

  private @Nullable ByteBuffer rest() throws IOException, RequestException {
    while (true) {
      int searched = buffer.position();
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
      int end = endOfLine(searched);
      if (end >= 0) {
        return take(end);
      }
    }
  }

  private int endOfLine(int from) {
    for (int i = from; i < buffer.position(); i++) {
      if (buffer.get(i) == '\n') {
        return i;
      }
    }
    return -1;
  }

  private ByteBuffer take(int end) throws RequestException {
    if (end > maxLineBytes) {
      throw new RequestException(
          ErrorType.TOO_LARGE, "a line has at most " + maxLineBytes + " bytes");
    }
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
