package cloud.runbeam.wgagent.engine.testkit;

import cloud.runbeam.wgagent.engine.io.DatagramBatch;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A UDP socket of a {@link ToyHost}. Everything is under the network's lock; {@link #receive} waits
 * on it.
 */
public final class ToySocket implements UdpTransport {
  /** As a kernel's socket buffer: what does not fit is lost. */
  private static final int RECEIVE_QUEUE = 4_096;

  private final ToyHost host;
  private final int port;
  private final Deque<Datagram> received = new ArrayDeque<>();
  private int fwmark;
  private boolean closed;

  ToySocket(ToyHost host, int port, int fwmark) {
    this.host = host;
    this.port = port;
    this.fwmark = fwmark;
  }

  @Override
  public int localPort() {
    return port;
  }

  @Override
  public void setFwmark(int newMark) {
    synchronized (host.network()) {
      fwmark = newMark;
    }
  }

  /** The mark last set. */
  public int fwmark() {
    synchronized (host.network()) {
      return fwmark;
    }
  }

  /** Whether {@link #receive} would not wait. */
  public boolean isReadable() {
    synchronized (host.network()) {
      return closed || !received.isEmpty();
    }
  }

  boolean arrive(Datagram datagram) {
    if (closed || received.size() == RECEIVE_QUEUE) {
      return false;
    }
    received.add(datagram);
    host.network().notifyAll();
    return true;
  }

  @Override
  public int receive(DatagramBatch batch) {
    synchronized (host.network()) {
      while (!closed && received.isEmpty()) {
        try {
          host.network().wait();
        } catch (InterruptedException e) {
          throw new IllegalStateException("interrupted while waiting for a datagram", e);
        }
      }
      batch.clear();
      if (closed) {
        return -1;
      }
      PacketBatch packets = batch.packets();
      while (!received.isEmpty() && packets.hasRoom(PacketBatch.MAX_FRAME_BYTES)) {
        append(received.remove(), batch);
      }
      return batch.size();
    }
  }

  private void append(Datagram datagram, DatagramBatch batch) {
    PacketBatch packets = batch.packets();
    byte[] bytes = datagram.bytes();
    MemorySegment.copy(
        bytes, 0, packets.memory(), ValueLayout.JAVA_BYTE, packets.position(), bytes.length);
    packets.append(bytes.length);
    Endpoint from = datagram.source();
    Endpoint local = host.address();
    batch.setOrigin(
        packets.size() - 1,
        from.addressHigh(),
        from.addressLow(),
        from.port(),
        0,
        local.addressHigh(),
        local.addressLow(),
        0);
  }

  @Override
  public Sender newSender() {
    return new ToySender();
  }

  @Override
  public void close() {
    synchronized (host.network()) {
      if (!closed) {
        closed = true;
        received.clear();
        host.closed(this);
        host.network().notifyAll();
      }
    }
  }

  private final class ToySender implements Sender {
    @Override
    public int send(DatagramBatch batch) {
      int notSent = 0;
      for (int i = 0; i < batch.size(); i++) {
        SendOutcome outcome = sendOne(batch, i);
        batch.setOutcome(i, outcome);
        notSent += outcome == SendOutcome.SENT ? 0 : 1;
      }
      return notSent;
    }

    private SendOutcome sendOne(DatagramBatch batch, int index) {
      synchronized (host.network()) {
        if (closed) {
          return SendOutcome.CLOSED;
        }
        SendOutcome refusal = host.refusal();
        if (refusal != null && refusal.isLoss()) {
          return refusal;
        }
        Endpoint destination = batch.destination(index);
        if (destination.isIpv4() != host.address().isIpv4()) {
          return SendOutcome.UNREACHABLE;
        }
        MemorySegment slab = batch.packets().memory();
        byte[] bytes =
            slab.asSlice(batch.packets().offset(index), batch.packets().length(index))
                .toArray(ValueLayout.JAVA_BYTE);
        host.network()
            .send(new Datagram(host.publicSource(port), destination.withoutSource(), bytes));
        boolean foreignSource =
            destination.hasSource()
                && (destination.sourceLow() != host.address().addressLow()
                    || destination.sourceHigh() != host.address().addressHigh());
        return foreignSource || refusal == SendOutcome.SENT_WITHOUT_SOURCE
            ? SendOutcome.SENT_WITHOUT_SOURCE
            : SendOutcome.SENT;
      }
    }

    @Override
    public void close() {}
  }
}
