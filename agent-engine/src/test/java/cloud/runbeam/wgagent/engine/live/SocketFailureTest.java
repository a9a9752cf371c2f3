package cloud.runbeam.wgagent.engine.live;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.CloseReason;
import cloud.runbeam.wgagent.engine.DeviceChange;
import cloud.runbeam.wgagent.engine.EnginePorts;
import cloud.runbeam.wgagent.engine.WireGuardDevice;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.engine.io.DatagramBatch;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.engine.testkit.LeakCheck;
import cloud.runbeam.wgagent.engine.testkit.ScriptedTun;
import cloud.runbeam.wgagent.engine.testkit.SeededEntropy;
import cloud.runbeam.wgagent.engine.testkit.UnguardedMemory;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Ports that fail for good: the device ends and says why; nothing spins, nobody else is hurt. */
@Timeout(30)
@ExtendWith(LeakCheck.class)
class SocketFailureTest {
  private static final int WAIT_SECONDS = 10;

  private final AtomicInteger received = new AtomicInteger();
  private final MemoryNetwork network = new MemoryNetwork();
  private WireGuardEngine engine;
  private volatile boolean failing;

  @BeforeEach
  void open() {
    engine =
        WireGuardEngine.start(
            new EnginePorts(
                (port, mark) ->
                    failing
                        ? new FailingTransport(network.open(port, mark))
                        : network.open(port, mark),
                System::nanoTime,
                Instant::now,
                new SeededEntropy(3),
                new UnguardedMemory()));
  }

  @AfterEach
  void end() {
    engine.close();
  }

  @Test
  void aReceiveThatFailsForGoodEndsTheDeviceWithTheReason() throws Exception {
    WireGuardDevice healthy = engine.open(new ScriptedTun("healthy"));
    healthy.apply(DeviceChange.ofPeers(List.of()));
    failing = true;
    WireGuardDevice failed = engine.open(new ScriptedTun("failing"));

    assertThat(failed.closed().get(WAIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(CloseReason.FAILED);
    assertThat(failed.failure().orElseThrow())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("recvmmsg: Bad file descriptor");
    assertThat(received.get()).as("calls of receive that failed").isOne();
    assertThat(engine.devices()).containsExactly(healthy);
    assertThat(healthy.closed()).isNotDone();
  }

  @Test
  void aTunThatFailsForGoodEndsTheDeviceWithTheReason() throws Exception {
    ScriptedTun tun = new ScriptedTun("failing");
    WireGuardDevice device = engine.open(tun);
    tun.failRead(new IOException("read: Input/output error"));

    assertThat(device.closed().get(WAIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(CloseReason.FAILED);
    assertThat(device.failure().orElseThrow()).hasMessage("read: Input/output error");
    assertThat(tun.isClosed()).isTrue();
    assertThat(engine.devices()).isEmpty();
  }

  private final class FailingTransport implements UdpTransport {
    private final UdpTransport inner;

    FailingTransport(UdpTransport inner) {
      this.inner = inner;
    }

    @Override
    public int localPort() {
      return inner.localPort();
    }

    @Override
    public void setFwmark(int fwmark) throws IOException {
      inner.setFwmark(fwmark);
    }

    @Override
    public int receive(DatagramBatch batch) throws IOException {
      received.incrementAndGet();
      throw new IOException("recvmmsg: Bad file descriptor");
    }

    @Override
    public Sender newSender() {
      return inner.newSender();
    }

    @Override
    public void close() {
      inner.close();
    }
  }
}
