package cloud.runbeam.wgagent.app.demo;

import cloud.runbeam.wgagent.engine.io.LinkObserver;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * A TUN device with no operating system behind it: packets handed to {@link #offer} are read by the
 * engine, packets the engine writes go to a consumer, on the engine's thread. Its link is up from
 * the start until {@link #close}.
 */
public final class MemoryTun implements TunDevice {
  /** As many packets as Linux lets wait in a TUN device by default (txqueuelen 500). */
  private static final int QUEUE_PACKETS = 500;

  private final String name;
  private final int mtuBytes;
  private final Consumer<byte[]> host;
  private final ArrayDeque<byte[]> queue = new ArrayDeque<>();
  private boolean closed;

  /**
   * A device.
   *
   * @param host receives each packet that comes out of the tunnel; must not block
   */
  public MemoryTun(String name, int mtuBytes, Consumer<byte[]> host) {
    this.name = name;
    this.mtuBytes = mtuBytes;
    this.host = host;
  }

  /**
   * Routes a packet into the tunnel; as with a real device it is lost when the queue is full or the
   * device closed. Any thread.
   */
  public void offer(byte[] packet) {
    synchronized (queue) {
      if (!closed && queue.size() < QUEUE_PACKETS) {
        queue.addLast(packet);
        queue.notifyAll();
      }
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int mtuBytes() {
    return mtuBytes;
  }

  @Override
  public FrameHeader frameHeader() {
    return FrameHeader.NONE;
  }

  @Override
  public int read(PacketBatch batch) throws IOException {
    batch.clear();
    synchronized (queue) {
      while (queue.isEmpty() && !closed) {
        awaitPacket();
      }
      if (closed) {
        return -1;
      }
      while (!queue.isEmpty() && batch.hasRoom(PacketBatch.MAX_FRAME_BYTES)) {
        byte[] packet = queue.removeFirst();
        MemorySegment.copy(
            packet, 0, batch.memory(), ValueLayout.JAVA_BYTE, batch.position(), packet.length);
        batch.append(packet.length);
      }
    }
    return batch.size();
  }

  private void awaitPacket() throws IOException {
    try {
      queue.wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("reading " + name + ": interrupted", e);
    }
  }

  @Override
  public int write(PacketBatch batch) throws IOException {
    synchronized (queue) {
      if (closed) {
        throw new IOException("writing " + name + ": the device is closed");
      }
    }
    for (int i = 0; i < batch.size(); i++) {
      host.accept(
          batch.memory().asSlice(batch.offset(i), batch.length(i)).toArray(ValueLayout.JAVA_BYTE));
    }
    return batch.size();
  }

  @Override
  public void observe(LinkObserver observer) {
    observer.linkUp();
  }

  @Override
  public void close() {
    synchronized (queue) {
      closed = true;
      queue.clear();
      queue.notifyAll();
    }
  }
}
