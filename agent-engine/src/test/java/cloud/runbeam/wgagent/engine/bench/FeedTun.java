package cloud.runbeam.wgagent.engine.bench;

import cloud.runbeam.wgagent.engine.io.LinkObserver;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import java.lang.foreign.MemorySegment;

/**
 * A TUN device that gives out the same frames at every read and counts what is written. One thread;
 * allocates nothing.
 */
final class FeedTun implements TunDevice {
  private final String name;
  private final FrameHeader header;
  private MemorySegment frame = MemorySegment.NULL;
  private int framesPerRead;
  private long framesWritten;
  private long bytesWritten;

  FeedTun(String name, FrameHeader header) {
    this.name = name;
    this.header = header;
  }

  /** Every read gives {@code framesPerRead} copies of {@code frame}, its header included. */
  void feed(MemorySegment newFrame, int newFramesPerRead) {
    frame = newFrame;
    framesPerRead = newFramesPerRead;
  }

  long framesWritten() {
    return framesWritten;
  }

  long bytesWritten() {
    return bytesWritten;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int mtuBytes() {
    return 1_420;
  }

  @Override
  public FrameHeader frameHeader() {
    return header;
  }

  @Override
  public int read(PacketBatch batch) {
    batch.clear();
    int bytes = (int) frame.byteSize();
    for (int i = 0; i < framesPerRead; i++) {
      MemorySegment.copy(frame, 0, batch.memory(), batch.position(), bytes);
      batch.append(bytes);
    }
    return batch.size();
  }

  @Override
  public int write(PacketBatch batch) {
    framesWritten += batch.size();
    for (int i = 0; i < batch.size(); i++) {
      bytesWritten += batch.length(i) - header.bytes();
    }
    return batch.size();
  }

  @Override
  public void observe(LinkObserver observer) {
    throw new UnsupportedOperationException("the link of a benchmark is up from the start");
  }

  @Override
  public void close() {}
}
