package cloud.runbeam.wgagent.engine.counters;

/**
 * Packets and their bytes in one direction, counted by one thread and read by any. The two are read
 * one after the other, so that a reader may see the packets of a batch without its bytes. Where
 * several threads send for one peer, each has a counter and a snapshot adds them up.
 */
public final class PacketCounter {
  private final SingleWriterCounter packets = new SingleWriterCounter();
  private final SingleWriterCounter bytes = new SingleWriterCounter();

  /** Counts a batch. The writer's thread only. */
  public void add(long packets, long bytes) {
    this.packets.add(packets);
    this.bytes.add(bytes);
  }

  /** Packets so far. Any thread. */
  public long packets() {
    return packets.get();
  }

  /** Bytes so far. Any thread. */
  public long bytes() {
    return bytes.get();
  }
}
