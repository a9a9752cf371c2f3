package cloud.runbeam.wgagent.engine.live;

import cloud.runbeam.wgagent.engine.io.DatagramBatch;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** UDP on 127.0.0.1, in memory: ports are queues, nothing is lost. */
final class MemoryNetwork implements UdpTransport.Provider {
  private static final int LOCALHOST = 0x7F000001;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Datagram(byte[] bytes, int fromPort) {}

  private static final Datagram END = new Datagram(new byte[0], 0);

  private final Map<Integer, Socket> sockets = new ConcurrentHashMap<>();
  private final AtomicInteger nextPort = new AtomicInteger(40_000);

  static Endpoint endpoint(int port) {
    return Endpoint.ipv4(LOCALHOST, port);
  }

  /** Sends a datagram that no device made. */
  void inject(byte[] bytes, int fromPort, int toPort) {
    deliver(toPort, new Datagram(bytes, fromPort));
  }

  @Override
  public UdpTransport open(int port, int fwmark) throws IOException {
    int bound = port == 0 ? nextPort.getAndIncrement() : port;
    Socket socket = new Socket(bound);
    if (sockets.putIfAbsent(bound, socket) != null) {
      throw new IOException("port " + bound + " is taken");
    }
    return socket;
  }

  private void deliver(int port, Datagram datagram) {
    Socket socket = sockets.get(port);
    if (socket != null) {
      socket.received.add(datagram);
    }
  }

  private final class Socket implements UdpTransport {
    private final int port;
    private final LinkedBlockingQueue<Datagram> received = new LinkedBlockingQueue<>();
    private volatile boolean closed;

    Socket(int port) {
      this.port = port;
    }

    @Override
    public int localPort() {
      return port;
    }

    @Override
    public void setFwmark(int fwmark) {}

    @Override
    public int receive(DatagramBatch batch) {
      batch.clear();
      try {
        Datagram datagram = received.take();
        while (datagram != null && !closed) {
          MemorySegment.copy(
              datagram.bytes,
              0,
              batch.packets().memory(),
              ValueLayout.JAVA_BYTE,
              batch.packets().position(),
              datagram.bytes.length);
          batch.packets().append(datagram.bytes.length);
          Endpoint from = endpoint(datagram.fromPort);
          batch.setOrigin(
              batch.size() - 1, from.addressHigh(), from.addressLow(), from.port(), 0, 0, 0, 0);
          datagram = batch.packets().hasRoom(2000) ? received.poll() : null;
        }
        return closed ? -1 : batch.size();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return -1;
      }
    }

    @Override
    public Sender newSender() {
      return new Sender() {
        @Override
        public int send(DatagramBatch batch) {
          for (int i = 0; i < batch.size(); i++) {
            byte[] bytes =
                batch
                    .packets()
                    .memory()
                    .asSlice(batch.packets().offset(i), batch.packets().length(i))
                    .toArray(ValueLayout.JAVA_BYTE);
            deliver(batch.destination(i).port(), new Datagram(bytes, port));
            batch.setOutcome(i, SendOutcome.SENT);
          }
          return 0;
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public void close() {
      closed = true;
      sockets.remove(port, this);
      received.add(END);
    }
  }
}
