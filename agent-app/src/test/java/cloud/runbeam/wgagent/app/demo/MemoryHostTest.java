package cloud.runbeam.wgagent.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class MemoryHostTest {
  private static final int SLAB_BYTES = 4 * PacketBatch.MAX_FRAME_BYTES;
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final DemoAddresses IPV4 = DemoAddresses.ipv4(3);
  private static final DemoAddresses IPV6 = DemoAddresses.ipv6(3);

  private final MemoryHost near =
      new MemoryHost("near", 1420, List.of(IPV4.nearAddress(), IPV6.nearAddress()));
  private final MemoryHost far =
      new MemoryHost("far", 1420, List.of(IPV4.farAddress(), IPV6.farAddress()));

  /**
   * Carries packets from one device to the other until it is closed: a tunnel that does nothing.
   */
  private static void wire(TunDevice from, TunDevice to) {
    Thread.ofVirtual()
        .start(() -> {
          try (Arena arena = Arena.ofShared()) {
            PacketBatch batch = new PacketBatch(arena.allocate(SLAB_BYTES), 16);
            while (from.read(batch) > 0) {
              to.write(batch);
            }
          } catch (IOException closed) {
            throw new UncheckedIOException(closed);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void echoesComeBackInBothDirections(boolean ipv6) {
    wire(near.tun(), far.tun());
    wire(far.tun(), near.tun());
    DemoAddresses addresses = ipv6 ? IPV6 : IPV4;

    assertThat(near.icmpEcho(addresses, LONG)).isPresent();
    assertThat(near.udpEcho(addresses, LONG)).isPresent();
    assertThat(far.icmpEcho(addresses, LONG)).isPresent();

    assertThat(far.icmpAnswered()).isEqualTo(1);
    assertThat(far.udpAnswered()).isEqualTo(1);
    assertThat(near.icmpAnswered()).isEqualTo(1);
    near.tun().close();
    far.tun().close();
  }

  @Test
  void anEchoWithoutAnswerIsEmptyAfterItsTimeout() {
    assertThat(near.icmpEcho(IPV4, SHORT)).isEmpty();
    assertThat(near.udpEcho(IPV6, SHORT)).isEmpty();
  }

  @Test
  void doesNotAnswerForOtherAddresses() throws IOException {
    DemoAddresses others = DemoAddresses.ipv4(4);
    byte[] request =
        new EchoMessage(EchoMessage.Kind.ICMP, true, 1, 1, new byte[8])
            .toPacket(IPV4.nearAddress().getAddress(), others.farAddress().getAddress())
            .toBytes();
    try (Arena arena = Arena.ofConfined()) {
      PacketBatch batch = new PacketBatch(arena.allocate(SLAB_BYTES), 4);
      MemorySegment.copy(request, 0, batch.memory(), ValueLayout.JAVA_BYTE, 0, request.length);
      batch.append(request.length);
      assertThat(far.tun().write(batch)).isEqualTo(1);
    }
    assertThat(far.icmpAnswered()).isZero();
  }

  @Test
  void closingWakesTheReaderAndRefusesWriters() throws Exception {
    TunDevice tun = near.tun();
    try (Arena arena = Arena.ofShared()) {
      PacketBatch batch = new PacketBatch(arena.allocate(SLAB_BYTES), 4);
      Thread closer = Thread.ofVirtual().start(tun::close);

      assertThat(tun.read(batch)).isEqualTo(-1);
      closer.join();
      assertThatThrownBy(() -> tun.write(batch)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void readsOnlyAsManyPacketsAsTheBatchHasRoomFor() throws IOException {
    MemoryTun tun = new MemoryTun("t", 1420, packet -> {});
    for (int i = 0; i < 5; i++) {
      tun.offer(new byte[] {(byte) i});
    }
    try (Arena arena = Arena.ofConfined()) {
      PacketBatch batch = new PacketBatch(arena.allocate(SLAB_BYTES), 3);
      assertThat(tun.read(batch)).isEqualTo(3);
      assertThat(tun.read(batch)).isEqualTo(2);
      assertThat(batch.memory().get(ValueLayout.JAVA_BYTE, batch.offset(1))).isEqualTo((byte) 4);
    }
  }
}
