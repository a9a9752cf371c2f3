package cloud.runbeam.wgagent.platform.linux.udp;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The structures' bytes, against those that the C headers of x86-64 and AArch64 lay out. */
class LayoutTest {
  private final MemorySegment memory = Arena.ofAuto().allocate(256, 8);

  private byte[] bytes(long offset, int length) {
    return memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
  }

  private static ByteBuffer expected(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
  }

  private static byte[] whole(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.capacity()];
    buffer.get(0, bytes);
    return bytes;
  }

  @Test
  void writesIpv4Addresses() {
    memory.fill((byte) 0xFF);
    int length = SocketAddress.writeRemote(memory, 8, Endpoint.ipv4(0x0102_0304, 0x1234), false);
    ByteBuffer expected = expected(16).putShort((short) 2);
    expected.put(new byte[] {0x12, 0x34, 1, 2, 3, 4});
    assertThat(bytes(8, length)).isEqualTo(whole(expected));
  }

  @Test
  void writesIpv6Addresses() {
    memory.fill((byte) 0xFF);
    Endpoint endpoint = Endpoint.ipv6(0xFE80L << 48, 0x0102, 0x1234, 9);
    int length = SocketAddress.writeRemote(memory, 0, endpoint, true);
    ByteBuffer expected = expected(28).putShort((short) 10).put(new byte[] {0x12, 0x34});
    expected.putInt(0).put(new byte[] {(byte) 0xFE, (byte) 0x80}).put(new byte[12]);
    expected.put(new byte[] {1, 2}).putInt(9);
    assertThat(bytes(0, length)).isEqualTo(whole(expected));
  }

  @Test
  void readsBackWhatItWrites() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 1_000; i++) {
      boolean ipv4 = random.nextBoolean();
      int port = 1 + random.nextInt(65_535);
      Endpoint endpoint =
          ipv4
              ? Endpoint.ipv4(random.nextInt(), port)
              : Endpoint.ipv6(random.nextLong(), random.nextLong(), port, random.nextInt());
      boolean ipv6Socket = !ipv4 || random.nextBoolean();
      SocketAddress.writeRemote(memory, 16, endpoint, ipv6Socket);
      Endpoint read =
          new Endpoint(
              SocketAddress.addressHigh(memory, 16),
              SocketAddress.addressLow(memory, 16),
              SocketAddress.port(memory, 16),
              SocketAddress.scopeId(memory, 16),
              0,
              0,
              0);
      assertThat(read).as("seed %s", seed).isEqualTo(endpoint);
    }
  }

  @Test
  void writesIpv4Sources() {
    memory.fill((byte) 0xFF);
    Endpoint endpoint = new Endpoint(0, 0xFFFF_0102_0304L, 1, 0, 0, 0xFFFF_0A00_0001L, 3);
    int space = ControlMessages.writeSource(memory, 0, endpoint);
    assertThat(space).as("CMSG_SPACE(12)").isEqualTo(32);
    ByteBuffer expected = expected(28).putLong(28).putInt(0).putInt(8);
    expected.putInt(0).put(new byte[] {10, 0, 0, 1}).putInt(0);
    assertThat(bytes(0, 28)).isEqualTo(whole(expected));
  }

  @Test
  void writesIpv6Sources() {
    Endpoint global = new Endpoint(0xFD01L << 48, 2, 1, 0, 0xFD01L << 48, 1, 3);
    int space = ControlMessages.writeSource(memory, 0, global);
    assertThat(space).as("CMSG_SPACE(20)").isEqualTo(40);
    ByteBuffer expected = expected(36).putLong(36).putInt(41).putInt(50);
    expected.put(new byte[] {(byte) 0xFD, 1}).put(new byte[13]).put((byte) 1).putInt(0);
    assertThat(bytes(0, 36)).isEqualTo(whole(expected));

    Endpoint linkLocal = new Endpoint(0xFE80L << 48, 2, 1, 3, 0xFE80L << 48, 1, 3);
    ControlMessages.writeSource(memory, 0, linkLocal);
    assertThat(memory.get(ValueLayout.JAVA_INT, 32)).as("interface").isEqualTo(3);
  }

  @Test
  void writesSegmentLengths() {
    int space = ControlMessages.writeSegment(memory, 0, 1_452);
    assertThat(space).as("CMSG_SPACE(2)").isEqualTo(24);
    ByteBuffer expected = expected(18).putLong(18).putInt(17).putInt(103).putShort((short) 1_452);
    assertThat(bytes(0, 18)).isEqualTo(whole(expected));
  }

  @Test
  void readsSourceAndSegmentLength() {
    ByteBuffer messages = expected(72).putLong(36).putInt(41).putInt(50);
    messages.put(new byte[] {(byte) 0xFD, 1}).put(new byte[13]).put((byte) 7).putInt(4).putInt(0);
    messages.putLong(20).putInt(17).putInt(104).putInt(1_452).putInt(0);
    memory.copyFrom(MemorySegment.ofArray(whole(messages)));
    ControlMessages control = new ControlMessages();
    control.read(memory, 0, 64);
    assertThat(control.sourceHigh()).isEqualTo(0xFD01L << 48);
    assertThat(control.sourceLow()).isEqualTo(7);
    assertThat(control.sourceInterface()).isEqualTo(4);
    assertThat(control.segmentBytes()).isEqualTo(1_452);
    control.read(memory, 0, 40);
    assertThat(control.segmentBytes()).as("nothing is left of the last time").isZero();
  }

  @Test
  void survivesAnyControlBytes() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    ControlMessages control = new ControlMessages();
    byte[] bytes = new byte[128];
    MemorySegment tight = Arena.ofAuto().allocate(128, 8);
    for (int i = 0; i < 100_000; i++) {
      random.nextBytes(bytes);
      Arrays.fill(bytes, 2, 8, (byte) 0);
      ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
      header.putLong(0, random.nextInt(140));
      header.putInt(8, random.nextBoolean() ? 17 : 41).putInt(12, random.nextBoolean() ? 104 : 50);
      tight.copyFrom(MemorySegment.ofArray(bytes));
      control.read(tight, 0, random.nextInt(129));
    }
    assertThat(control).as("seed %s", seed).isNotNull();
  }

  @Test
  void pointsMessageHeadersAtTheirParts() {
    try (MessageSlots slots = new MessageSlots(2, 3, 64)) {
      slots.setVectors(1, 1, 2);
      slots.setVector(1, 0x1000, 10);
      slots.setNameLength(1, 28);
      slots.setControlLength(1, 40);
      MemorySegment header =
          reinterpret(slots.address(1, 1), 64); // struct mmsghdr: msghdr of 56, msg_len of 4, pad
      assertThat(header.get(ValueLayout.JAVA_LONG, 0))
          .isEqualTo(slots.names().address() + slots.name(1));
      assertThat(header.get(ValueLayout.JAVA_INT, 8)).isEqualTo(28);
      assertThat(header.get(ValueLayout.JAVA_LONG, 24)).isEqualTo(2);
      assertThat(header.get(ValueLayout.JAVA_LONG, 32))
          .isEqualTo(slots.controls().address() + slots.control(1));
      assertThat(header.get(ValueLayout.JAVA_LONG, 40)).isEqualTo(40);
      MemorySegment vector = reinterpret(header.get(ValueLayout.JAVA_LONG, 16), 16);
      assertThat(vector.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(0x1000);
      assertThat(vector.get(ValueLayout.JAVA_LONG, 8)).isEqualTo(10);
    }
  }

  @SuppressWarnings("restricted") // Looks at memory the way the kernel does.
  private static MemorySegment reinterpret(long address, long bytes) {
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }
}
