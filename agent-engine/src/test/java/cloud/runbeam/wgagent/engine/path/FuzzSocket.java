package cloud.runbeam.wgagent.engine.path;

import cloud.runbeam.wgagent.engine.io.DatagramBatch;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;

/** Delivers what a test put in, all at once. One thread. */
final class FuzzSocket implements UdpTransport {
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Arrival(byte[] bytes, int port) {}

  private final Deque<Arrival> arrivals = new ArrayDeque<>();

  void add(byte[] datagram, int fromPort) {
    arrivals.add(new Arrival(datagram, fromPort));
  }

  @Override
  public int localPort() {
    return 51_820;
  }

  @Override
  public void setFwmark(int fwmark) {}

  @Override
  public int receive(DatagramBatch batch) {
    batch.clear();
    while (!arrivals.isEmpty()) {
      Arrival arrival = arrivals.remove();
      MemorySegment.copy(
          arrival.bytes,
          0,
          batch.packets().memory(),
          ValueLayout.JAVA_BYTE,
          batch.packets().position(),
          arrival.bytes.length);
      batch.packets().append(arrival.bytes.length);
      batch.setOrigin(batch.size() - 1, 0, 0x0000_FFFF_7F00_0001L, arrival.port, 0, 0, 0, 0);
    }
    return batch.size();
  }

  @Override
  public Sender newSender() {
    throw new UnsupportedOperationException("receives only");
  }

  @Override
  public void close() {}
}
