package cloud.runbeam.wgagent.engine.path;

import cloud.runbeam.wgagent.engine.io.LinkObserver;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import cloud.runbeam.wgagent.engine.offload.FrameSegmenter;
import cloud.runbeam.wgagent.engine.offload.VirtioNetHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Keeps what is written, cut into packets again as a kernel would. One thread. */
final class CollectingTun implements TunDevice {
  private final FrameHeader header;
  private final List<byte[]> packets = new ArrayList<>();
  private final FrameSegmenter segmenter = new FrameSegmenter();
  private final MemorySegment scratch =
      MemorySegment.ofArray(new byte[PacketBatch.MAX_FRAME_BYTES]);

  CollectingTun(FrameHeader header) {
    this.header = header;
  }

  void clear() {
    packets.clear();
  }

  List<byte[]> packets() {
    return packets;
  }

  @Override
  public int write(PacketBatch batch) {
    for (int i = 0; i < batch.size(); i++) {
      long ip = batch.offset(i) + (long) header.bytes();
      boolean joined =
          header == FrameHeader.VIRTIO_NET
              && VirtioNetHeader.gsoType(batch.memory(), batch.offset(i))
                  != VirtioNetHeader.GSO_NONE;
      if (joined) {
        cut(batch, i);
      } else {
        packets.add(
            batch
                .memory()
                .asSlice(ip, batch.length(i) - header.bytes())
                .toArray(ValueLayout.JAVA_BYTE));
      }
    }
    return batch.size();
  }

  private void cut(PacketBatch batch, int index) {
    int count = segmenter.begin(batch.memory(), batch.offset(index), batch.length(index));
    if (count < 2) {
      throw new AssertionError("a super-packet that a kernel would cut into " + count);
    }
    for (int i = 0; i < count; i++) {
      int bytes = segmenter.packet(i, scratch, 0);
      packets.add(scratch.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE));
    }
  }

  @Override
  public String name() {
    return "collecting";
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
  public boolean takesUdpSuperPackets() {
    return true;
  }

  @Override
  public int read(PacketBatch batch) {
    throw new UnsupportedOperationException("written to only");
  }

  @Override
  public void observe(LinkObserver observer) {
    throw new UnsupportedOperationException("has no link");
  }

  @Override
  public void close() {}
}
