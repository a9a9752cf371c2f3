package cloud.runbeam.wgagent.engine.io;

import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import java.io.IOException;
import java.util.List;

/**
 * A layer 3 virtual interface: what the host routes into it is read here, what is written here the
 * host receives.
 *
 * <p>One thread reads and one thread writes; they may be different. {@link #close} may be called by
 * any thread, wakes a blocked reader, and is idempotent.
 */
public interface TunDevice extends AutoCloseable {
  /** What stands before the IP header of each frame, in both directions. */
  enum FrameHeader {
    /** Nothing: a frame is one IP packet. */
    NONE(0),
    /**
     * A {@code struct virtio_net_hdr} of 10 bytes (linux/virtio_net.h): a frame may be a TCP or UDP
     * super-packet of up to 64 KiB.
     */
    VIRTIO_NET(10);

    private final int bytes;

    FrameHeader(int bytes) {
      this.bytes = bytes;
    }

    /** Length of the header in bytes. */
    public int bytes() {
      return bytes;
    }
  }

  /** The interface's name as the operating system knows it; it may be renamed while running. */
  String name();

  /** The interface's MTU in bytes as last heard of; never blocks. */
  int mtuBytes();

  /** Constant for the life of the device. */
  FrameHeader frameHeader();

  /** Whether super-packets may also be UDP, with {@link FrameHeader#VIRTIO_NET}. Constant. */
  default boolean takesUdpSuperPackets() {
    return false;
  }

  /** What the device spares its host, and why not more; for people and metrics. Any thread. */
  default List<OffloadState> offloads() {
    return List.of();
  }

  /**
   * Clears {@code batch} and fills it with frames: blocks until there is at least one, then takes
   * what is there without blocking again, as far as the batch has room for a frame of {@link
   * PacketBatch#MAX_FRAME_BYTES}.
   *
   * @return the number of frames, at least 1; or -1 once the device is closed or deleted
   * @throws IOException if the operating system fails in a way that will not pass by itself
   */
  int read(PacketBatch batch) throws IOException;

  /**
   * Writes every frame of {@code batch} in order. A frame that the host refuses (link down, queue
   * full, malformed) is skipped.
   *
   * @return the number of frames the host took
   * @throws IOException if the device is closed or deleted
   */
  int write(PacketBatch batch) throws IOException;

  /** Registers the only observer of the link; call at most once, before reading. */
  void observe(LinkObserver observer);

  /** Removes the interface if this process made it and it still stands; wakes a blocked reader. */
  @Override
  void close();
}
