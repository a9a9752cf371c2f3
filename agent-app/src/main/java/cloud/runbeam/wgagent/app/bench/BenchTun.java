package cloud.runbeam.wgagent.app.bench;

import cloud.runbeam.wgagent.engine.io.LinkObserver;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A TUN device with no operating system behind it: it is read as often as its {@link Flow} lets a
 * frame in, and what is written to it is counted there. Its link is up until {@link #close}.
 *
 * <p>The two ends of a tunnel share the flow of one direction: one only reads, the other only
 * writes.
 */
final class BenchTun implements TunDevice {
  private final String name;
  private final Frames frames;
  private final byte[] frame;
  private final Flow in;
  private final Flow out;

  /**
   * A device.
   *
   * @param in decides when frames go into the tunnel here
   * @param out hears of what comes out here
   */
  BenchTun(String name, Frames frames, Flow in, Flow out) {
    this.name = name;
    this.frames = frames;
    this.frame = frames.make();
    this.in = in;
    this.out = out;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int mtuBytes() {
    return Frames.MTU_BYTES;
  }

  @Override
  public FrameHeader frameHeader() {
    return frames.header();
  }

  @Override
  public int read(PacketBatch batch) throws IOException {
    batch.clear();
    int room = Math.min(batch.freePlaces(), batch.remaining() / PacketBatch.MAX_FRAME_BYTES);
    if (frame.length < Frames.MTU_BYTES * 2) {
      // As a real device: many small frames, as long as a large one would still fit.
      room =
          Math.min(
              batch.freePlaces(),
              (batch.remaining() - PacketBatch.MAX_FRAME_BYTES) / frame.length + 1);
    }
    int count = in.take(frames.payloadBytes(frame.length), room);
    for (int i = 0; i < count; i++) {
      MemorySegment.copy(
          frame, 0, batch.memory(), ValueLayout.JAVA_BYTE, batch.position(), frame.length);
      batch.append(frame.length);
    }
    return count == 0 ? -1 : count;
  }

  @Override
  public int write(PacketBatch batch) {
    long bytes = 0;
    for (int i = 0; i < batch.size(); i++) {
      bytes += frames.payloadBytes(batch.length(i));
    }
    out.arrived(bytes);
    return batch.size();
  }

  @Override
  public void observe(LinkObserver observer) {
    observer.linkUp();
  }

  @Override
  public void close() {
    in.close();
  }
}
