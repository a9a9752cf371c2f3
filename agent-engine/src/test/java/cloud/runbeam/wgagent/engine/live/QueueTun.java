package cloud.runbeam.wgagent.engine.live;

import cloud.runbeam.wgagent.engine.io.LinkObserver;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A TUN device whose host is the test: packets go in and out through queues. */
final class QueueTun implements TunDevice {
  private static final byte[] END = new byte[0];

  private final String name;
  private final LinkedBlockingQueue<byte[]> fromHost = new LinkedBlockingQueue<>();
  private final LinkedBlockingQueue<byte[]> toHost = new LinkedBlockingQueue<>();
  private volatile @Nullable LinkObserver observer;
  private volatile boolean closed;

  QueueTun(String name) {
    this.name = name;
  }

  /** The host routes a packet into the tunnel. */
  void send(byte[] packet) {
    fromHost.add(packet);
  }

  /** The next packet the host received, or null after some seconds. */
  byte @Nullable [] receive(int seconds) throws InterruptedException {
    return toHost.poll(seconds, TimeUnit.SECONDS);
  }

  /** The next packet the host received; fails after ten seconds. */
  byte[] await() throws InterruptedException {
    byte[] packet = receive(10);
    if (packet == null) {
      throw new AssertionError("no packet came out of " + name + " within 10 s");
    }
    return packet;
  }

  LinkObserver link() {
    return Objects.requireNonNull(observer);
  }

  /** Somebody deletes the interface. */
  void deleteFromOutside() {
    closed = true;
    fromHost.add(END);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int mtuBytes() {
    return 1420;
  }

  @Override
  public FrameHeader frameHeader() {
    return FrameHeader.NONE;
  }

  @Override
  public int read(PacketBatch batch) {
    batch.clear();
    try {
      byte[] packet = fromHost.take();
      while (packet != null && !closed) {
        MemorySegment.copy(
            packet, 0, batch.memory(), ValueLayout.JAVA_BYTE, batch.position(), packet.length);
        batch.append(packet.length);
        packet = batch.hasRoom(PacketBatch.MAX_FRAME_BYTES) ? fromHost.poll() : null;
      }
      return closed ? -1 : batch.size();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  @Override
  public int write(PacketBatch batch) {
    for (int i = 0; i < batch.size(); i++) {
      toHost.add(
          batch.memory().asSlice(batch.offset(i), batch.length(i)).toArray(ValueLayout.JAVA_BYTE));
    }
    return batch.size();
  }

  @Override
  public void observe(LinkObserver newObserver) {
    observer = newObserver;
    newObserver.linkUp();
  }

  @Override
  public void close() {
    closed = true;
    fromHost.add(END);
  }
}
