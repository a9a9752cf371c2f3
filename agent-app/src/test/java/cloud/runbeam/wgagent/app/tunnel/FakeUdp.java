package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.engine.io.DatagramBatch;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** UDP ports on which nothing arrives and from which everything is lost. */
final class FakeUdp implements UdpTransport.Provider {
  private final Set<Integer> takenByOthers;
  private final Set<Integer> open = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> sent = new ConcurrentHashMap<>();
  private final AtomicInteger nextFree = new AtomicInteger(40_000);

  FakeUdp(Set<Integer> takenByOthers) {
    this.takenByOthers = takenByOthers;
  }

  int sentTo(String endpoint) {
    return sent.getOrDefault(endpoint, 0);
  }

  Set<Integer> openPorts() {
    return Set.copyOf(open);
  }

  @Override
  public UdpTransport open(int port, int fwmark) throws IOException {
    int bound = port == 0 ? nextFree.getAndIncrement() : port;
    if (takenByOthers.contains(bound) || !open.add(bound)) {
      throw new IOException("bind: EADDRINUSE (Address already in use)");
    }
    return new Port(bound);
  }

  private final class Port implements UdpTransport {
    private final int port;
    private final CountDownLatch closed = new CountDownLatch(1);

    Port(int port) {
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
        closed.await();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
      return -1;
    }

    @Override
    public Sender newSender() {
      return new Sender() {
        @Override
        public int send(DatagramBatch batch) {
          for (int i = 0; i < batch.size(); i++) {
            sent.merge(batch.destination(i).withoutSource().toString(), 1, Integer::sum);
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
      open.remove(port);
      closed.countDown();
    }
  }
}
