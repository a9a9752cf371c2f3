package cloud.runbeam.wgagent.engine.testkit;

import cloud.runbeam.wgagent.engine.io.LinkObserver;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A TUN device whose host is the test: {@link #route} puts a packet into the tunnel, {@link #take}
 * is what came out. Packets are given and taken without frame header; with {@link
 * TunDevice.FrameHeader#VIRTIO_NET} an empty one goes in front. Any thread.
 */
public final class ScriptedTun implements TunDevice {
  private final String name;
  private final FrameHeader header;
  private final Deque<byte[]> fromHost = new ArrayDeque<>();
  private final Deque<byte[]> toHost = new ArrayDeque<>();
  private @Nullable LinkObserver observer;
  private @Nullable IOException readFailure;
  private int mtuBytes = 1_420;
  private boolean up = true;
  private boolean refusing;
  private boolean closed;

  /** A device whose frames are bare IP packets and whose link is up. */
  public ScriptedTun(String name) {
    this(name, FrameHeader.NONE);
  }

  /** A device whose link is up. */
  public ScriptedTun(String name, FrameHeader header) {
    this.name = name;
    this.header = header;
  }

  // The host's side.

  /** Routes a packet into the tunnel. */
  public synchronized void route(byte[] packet) {
    byte[] frame = new byte[header.bytes() + packet.length];
    System.arraycopy(packet, 0, frame, header.bytes(), packet.length);
    fromHost.add(frame);
    notifyAll();
  }

  /** The next packet that came out of the tunnel, or null. */
  public synchronized byte @Nullable [] take() {
    return toHost.poll();
  }

  /** How many packets came out of the tunnel and were not taken. */
  public synchronized int waiting() {
    return toHost.size();
  }

  /** Whether {@link #read} would not wait. */
  public synchronized boolean isReadable() {
    return closed || readFailure != null || !fromHost.isEmpty();
  }

  /** Sets the link up or down. */
  public void setUp(boolean nowUp) {
    LinkObserver heard;
    synchronized (this) {
      up = nowUp;
      heard = observer;
    }
    if (heard != null && nowUp) {
      heard.linkUp();
    } else if (heard != null) {
      heard.linkDown();
    }
  }

  /** Changes the MTU. */
  public void setMtu(int bytes) {
    LinkObserver heard;
    synchronized (this) {
      mtuBytes = bytes;
      heard = observer;
    }
    if (heard != null) {
      heard.mtuChanged(bytes);
    }
  }

  /** Deletes the interface, as somebody outside may. */
  public void delete() {
    LinkObserver heard;
    synchronized (this) {
      closed = true;
      heard = observer;
      notifyAll();
    }
    if (heard != null) {
      heard.linkDeleted();
    }
  }

  /** Lets the host refuse every packet that comes out of the tunnel, or take them again. */
  public synchronized void refuseWrites(boolean refuse) {
    refusing = refuse;
  }

  /** Lets the next read fail for good. */
  public synchronized void failRead(IOException failure) {
    readFailure = failure;
    notifyAll();
  }

  /** Whether {@link #close} was called or the interface was deleted. */
  public synchronized boolean isClosed() {
    return closed;
  }

  // The engine's side.

  @Override
  public String name() {
    return name;
  }

  @Override
  public synchronized int mtuBytes() {
    return mtuBytes;
  }

  @Override
  public FrameHeader frameHeader() {
    return header;
  }

  @Override
  public synchronized int read(PacketBatch batch) throws IOException {
    while (!isReadable()) {
      try {
        wait();
      } catch (InterruptedException e) {
        throw new IOException("interrupted while waiting for a packet", e);
      }
    }
    batch.clear();
    if (readFailure != null) {
      throw readFailure;
    }
    if (closed) {
      return -1;
    }
    while (!fromHost.isEmpty() && batch.hasRoom(PacketBatch.MAX_FRAME_BYTES)) {
      byte[] frame = fromHost.remove();
      MemorySegment.copy(
          frame, 0, batch.memory(), ValueLayout.JAVA_BYTE, batch.position(), frame.length);
      batch.append(frame.length);
    }
    return batch.size();
  }

  @Override
  public synchronized int write(PacketBatch batch) throws IOException {
    if (closed) {
      throw new IOException(name + " is closed");
    }
    if (!up || refusing) {
      return 0;
    }
    for (int i = 0; i < batch.size(); i++) {
      toHost.add(
          batch
              .memory()
              .asSlice(batch.offset(i) + (long) header.bytes(), batch.length(i) - header.bytes())
              .toArray(ValueLayout.JAVA_BYTE));
    }
    return batch.size();
  }

  @Override
  public void observe(LinkObserver newObserver) {
    boolean alreadyUp;
    synchronized (this) {
      if (observer != null) {
        throw new IllegalStateException("observed twice");
      }
      observer = newObserver;
      alreadyUp = up;
    }
    if (alreadyUp) {
      newObserver.linkUp();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
