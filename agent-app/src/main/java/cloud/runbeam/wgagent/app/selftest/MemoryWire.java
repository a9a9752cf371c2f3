package cloud.runbeam.wgagent.app.selftest;

import cloud.runbeam.wgagent.engine.io.DatagramBatch;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A network between the two devices: seeded loss, duplication and reordering of data messages, and
 * a listener who keeps what passes. Datagrams arrive while they are sent. Any thread; one lock.
 */
final class MemoryWire {
  /** A transport message; the first byte of every WireGuard message is its type. */
  static final int DATA = 4;

  /** One datagram. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Datagram(Endpoint from, Endpoint to, byte[] bytes) {
    int type() {
      return bytes.length == 0 ? 0 : bytes[0];
    }
  }

  /** Probabilities, 0 to 1, for data messages alone. */
  record Conditions(double loss, double duplication, double reordering) {
    static final Conditions PERFECT = new Conditions(0, 0, 0);
  }

  /** Whose newest message is kept: of each type towards each host. */
  private record Heard(int type, long to) {}

  /** What became of data messages since {@link #conditions} was called. */
  record Tally(long sent, long lost, long duplicated, long reordered) {}

  private final SplittableRandom random;
  private final List<End> ends = new ArrayList<>();
  private final Map<Heard, Datagram> heard = new HashMap<>();
  private Conditions conditions = Conditions.PERFECT;
  private Predicate<Datagram> passes = datagram -> true;
  private @Nullable Datagram held;
  private long allSent;
  private long dataHeard;
  private long sent;
  private long lost;
  private long duplicated;
  private long reordered;

  MemoryWire(SplittableRandom random) {
    this.random = random;
  }

  /** A machine with that IPv4 address. */
  synchronized End end(int address) {
    End end = new End(address);
    ends.add(end);
    return end;
  }

  /** Changes what happens to data messages, delivers one that was held back, and counts anew. */
  synchronized void conditions(Conditions changed) {
    release();
    conditions = changed;
    sent = lost = duplicated = reordered = 0;
  }

  synchronized Tally tally() {
    return new Tally(sent, lost, duplicated, reordered);
  }

  /**
   * Lets only those datagrams pass that {@code predicate} accepts; others are heard all the same.
   */
  synchronized void filter(Predicate<Datagram> predicate) {
    passes = predicate;
  }

  /** The newest message of a type that was sent to {@code end}, delivered or not. */
  synchronized Datagram newest(int type, End end) throws CheckFailedException {
    Datagram datagram = heard.get(new Heard(type, end.endpoint(Party.PORT).addressLow()));
    if (datagram == null) {
      throw new CheckFailedException("no message of type " + type + " was sent");
    }
    return datagram;
  }

  /** How many datagrams of any kind were sent so far. */
  synchronized long sent() {
    return allSent;
  }

  /** How many data messages were sent so far, those that a filter stopped included. */
  synchronized long dataHeard() {
    return dataHeard;
  }

  /** Whether every datagram that arrived was fetched by a device that waits for the next. */
  synchronized boolean isQuiet() {
    return ends.stream()
        .flatMap(end -> end.sockets.stream())
        .allMatch(socket -> socket.waiting && socket.received.isEmpty());
  }

  /** Delivers a datagram that nobody sends now. */
  synchronized void inject(Datagram datagram) {
    arrive(datagram);
  }

  /** Delivers the datagram that was held back, if any. */
  synchronized void release() {
    Datagram late = held;
    held = null;
    if (late != null) {
      arrive(late);
    }
  }

  private synchronized void send(Datagram datagram) {
    heard.put(new Heard(datagram.type(), datagram.to().addressLow()), datagram);
    allSent++;
    dataHeard += datagram.type() == DATA ? 1 : 0;
    if (!passes.test(datagram)) {
      return;
    }
    if (datagram.type() != DATA) {
      arrive(datagram);
      return;
    }
    sent++;
    if (random.nextDouble() < conditions.loss()) {
      lost++;
    } else if (held == null && random.nextDouble() < conditions.reordering()) {
      held = datagram;
      reordered++;
    } else {
      arrive(datagram);
      if (random.nextDouble() < conditions.duplication()) {
        duplicated++;
        arrive(datagram);
      }
      release();
    }
  }

  private void arrive(Datagram datagram) {
    for (End end : ends) {
      if (end.address == (int) datagram.to().addressLow()) {
        end.arrive(datagram);
      }
    }
  }

  /** One machine: opens sockets on its address. */
  final class End implements UdpTransport.Provider {
    private int address;
    private final List<Socket> sockets = new ArrayList<>();

    private End(int address) {
      this.address = address;
    }

    /** Where others reach {@code port}. */
    Endpoint endpoint(int port) {
      synchronized (MemoryWire.this) {
        return Endpoint.ipv4(address, port);
      }
    }

    /** Moves the machine to another network. */
    void moveTo(int newAddress) {
      synchronized (MemoryWire.this) {
        address = newAddress;
      }
    }

    private void arrive(Datagram datagram) {
      for (Socket socket : sockets) {
        if (socket.port == datagram.to().port()) {
          socket.received.add(datagram);
        }
      }
      MemoryWire.this.notifyAll();
    }

    @Override
    public UdpTransport open(int port, int fwmark) {
      synchronized (MemoryWire.this) {
        Socket socket = new Socket(this, port == 0 ? 51_820 : port);
        sockets.add(socket);
        return socket;
      }
    }
  }

  private final class Socket implements UdpTransport {
    private final End end;
    private final int port;
    private final Deque<Datagram> received = new ArrayDeque<>();
    private boolean closed;
    private boolean waiting;

    Socket(End end, int port) {
      this.end = end;
      this.port = port;
    }

    @Override
    public int localPort() {
      return port;
    }

    @Override
    public void setFwmark(int fwmark) {
      // There is nobody to mark for.
    }

    @Override
    public int receive(DatagramBatch batch) throws IOException {
      synchronized (MemoryWire.this) {
        while (!closed && received.isEmpty()) {
          await();
        }
        batch.clear();
        if (closed) {
          return -1;
        }
        while (!received.isEmpty() && batch.packets().hasRoom(PacketBatch.MAX_FRAME_BYTES)) {
          append(received.remove(), batch);
        }
        return batch.size();
      }
    }

    private void await() throws IOException {
      waiting = true;
      try {
        MemoryWire.this.wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while waiting for a datagram", e);
      } finally {
        waiting = false;
      }
    }

    private void append(Datagram datagram, DatagramBatch batch) {
      PacketBatch packets = batch.packets();
      byte[] bytes = datagram.bytes();
      MemorySegment.copy(
          bytes, 0, packets.memory(), ValueLayout.JAVA_BYTE, packets.position(), bytes.length);
      packets.append(bytes.length);
      Endpoint from = datagram.from();
      Endpoint local = datagram.to();
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
      return new Sender() {
        @Override
        public int send(DatagramBatch batch) {
          return Socket.this.send(batch);
        }

        @Override
        public void close() {
          // Holds nothing.
        }
      };
    }

    private int send(DatagramBatch batch) {
      synchronized (MemoryWire.this) {
        for (int i = 0; i < batch.size(); i++) {
          batch.setOutcome(i, closed ? SendOutcome.CLOSED : SendOutcome.SENT);
          if (!closed) {
            PacketBatch packets = batch.packets();
            byte[] bytes =
                packets
                    .memory()
                    .asSlice(packets.offset(i), packets.length(i))
                    .toArray(ValueLayout.JAVA_BYTE);
            MemoryWire.this.send(
                new Datagram(
                    Endpoint.ipv4(end.address, port), batch.destination(i).withoutSource(), bytes));
          }
        }
        return closed ? batch.size() : 0;
      }
    }

    @Override
    public void close() {
      synchronized (MemoryWire.this) {
        closed = true;
        received.clear();
        end.sockets.remove(this);
        MemoryWire.this.notifyAll();
      }
    }
  }
}
