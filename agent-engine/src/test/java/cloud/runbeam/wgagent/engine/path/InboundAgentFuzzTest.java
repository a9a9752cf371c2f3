package cloud.runbeam.wgagent.engine.path;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.crypto.Aead;
import cloud.runbeam.wgagent.engine.crypto.AeadProviders;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.DatagramBatch;
import cloud.runbeam.wgagent.engine.io.TunDevice.FrameHeader;
import cloud.runbeam.wgagent.engine.memory.PacketArena;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import cloud.runbeam.wgagent.engine.memory.PacketBufferPool;
import cloud.runbeam.wgagent.engine.offload.InnerPackets;
import cloud.runbeam.wgagent.engine.offload.IpHeader;
import cloud.runbeam.wgagent.engine.peer.LocalIndex;
import cloud.runbeam.wgagent.engine.peer.Peer;
import cloud.runbeam.wgagent.engine.routing.AllowedIps;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.session.Keypair;
import cloud.runbeam.wgagent.engine.testkit.SeededEntropy;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import cloud.runbeam.wgagent.engine.testkit.TestPeers;
import cloud.runbeam.wgagent.engine.wire.TransportLayout;
import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Whatever a socket delivers, from strangers and from a peer gone mad that has the keys: the
 * inbound agent delivers exactly the packets that a naive reading of the rules lets through, in
 * order, and gives every buffer back.
 */
class InboundAgentFuzzTest {
  private static final int MOST_DATAGRAMS = 40;
  private static final int LONGEST_RANDOM = 400;
  private static final int ALLOWED_SOURCE = 0x0A000001;

  /** Both kinds of TUN device, made once: an input costs microseconds then. */
  private static final Rig PLAIN = new Rig(FrameHeader.NONE);

  private static final Rig JOINING = new Rig(FrameHeader.VIRTIO_NET);

  @FuzzTest(maxDuration = "60s")
  void deliversWhatTheRulesLetThrough(FuzzedDataProvider data) throws IOException {
    Rig rig = data.consumeBoolean() ? JOINING : PLAIN;
    rig.run(data);
  }

  /** An inbound agent with one session, whose keys the test knows. */
  private static final class Rig {
    private final PacketArena memory = new PacketArena();
    private final KeyArena keys = TestKeys.arena();
    private final SecretKey key = TestKeys.secret(keys, "session");
    private final Aead aead = AeadProviders.best().newAead();
    private final Peer peer = TestPeers.peer(() -> {});
    private final LocalIndex index = new LocalIndex(peer);
    private final DeviceTables tables = new DeviceTables();
    private final HandshakeQueue handshakes = new HandshakeQueue(new ConductorWaker());
    private final FrameStager stager =
        new FrameStager(
            new PacketBufferPool(memory, 8, 2_048),
            new PacketBufferPool(memory, 2, PacketBatch.MAX_FRAME_BYTES));
    private final FuzzSocket socket = new FuzzSocket();
    private final CollectingTun tun;
    private final InboundAgent agent;
    private final int receiver;

    // One input's.
    private final Set<Long> seen = new HashSet<>();
    private final List<byte[]> expected = new ArrayList<>();

    Rig(FrameHeader header) {
      tun = new CollectingTun(header);
      receiver = tables.indexes().allocate(index, new SeededEntropy(1));
      tables.setTransport(socket);
      tables.setAllowedIps(
          AllowedIps.<Peer>empty()
              .with(IpPrefix.ipv4(ALLOWED_SOURCE, 32), peer)
              .with(IpPrefix.ipv6(0xFD42_0001_0000_0000L, 0, 64), peer));
      agent =
          new InboundAgent(
              "fuzzed",
              tun,
              tables,
              () -> 0,
              new Quiescence(),
              new DatagramBatch(batch(), 128),
              batch(),
              AeadProviders.best().newAead(),
              stager,
              handshakes);
    }

    private PacketBatch batch() {
      return new PacketBatch(memory.allocate(4L * PacketBatch.MAX_FRAME_BYTES, 64), 128);
    }

    void run(FuzzedDataProvider data) throws IOException {
      index.open(new Keypair(receiver, 1, key, key, true, 0));
      seen.clear();
      expected.clear();
      tun.clear();
      long counter = 0;
      int datagrams = data.consumeInt(1, MOST_DATAGRAMS);
      for (int i = 0; i < datagrams; i++) {
        int port = data.consumeInt(1, 65_535);
        switch (data.consumeInt(0, 5)) {
          case 0 -> socket.add(data.consumeBytes(data.consumeInt(0, LONGEST_RANDOM)), port);
          case 1 -> socket.add(header(data.consumeInt(1, 4), data), port);
          case 2 -> {
            byte[] forged = sealed(data.consumeLong(), data.consumeBytes(64));
            forged[data.consumeInt(4, forged.length - 1)] ^= (byte) data.consumeInt(1, 255);
            socket.add(forged, port);
          }
          case 3 -> sendGenuine(data.consumeLong(), data.consumeBytes(LONGEST_RANDOM), port);
          default -> sendGenuine(counter++, segment(data, i), port);
        }
      }
      assertThat(agent.doWork()).isTrue();
      handshakes.discard();

      assertThat(stager.snapshot().free()).isEqualTo(stager.snapshot().capacity());
      assertThat(tun.packets()).usingElementComparator(FrameComparison.BYTES).isEqualTo(expected);
    }

    /** A message of a known type whose length may be wrong. */
    private static byte[] header(int type, FuzzedDataProvider data) {
      int[] lengths = {148, 92, 64, 32, 31, 48, 147, 149};
      byte[] message = new byte[lengths[data.consumeInt(0, lengths.length - 1)]];
      byte[] random = data.consumeBytes(message.length);
      System.arraycopy(random, 0, message, 0, random.length);
      message[0] = (byte) type;
      message[1] = 0;
      message[2] = 0;
      message[3] = 0;
      return message;
    }

    /** A TCP or UDP packet that may continue the one before, with something changed in it. */
    private static byte[] segment(FuzzedDataProvider data, int number) {
      boolean ipv6 = data.consumeBoolean();
      int payload = data.consumeInt(0, 64);
      byte[] packet =
          data.consumeBoolean()
              ? InnerPackets.tcp(ipv6, 1 + number * payload, 0x10, number, new byte[payload])
              : InnerPackets.udp(ipv6, number, new byte[payload]);
      if (data.consumeInt(0, 3) == 0) {
        packet[data.consumeInt(0, packet.length - 1)] ^= (byte) data.consumeInt(1, 255);
      }
      int padding = data.consumeInt(0, 15);
      return java.util.Arrays.copyOf(packet, packet.length + padding);
    }

    private byte[] sealed(long counter, byte[] plaintext) {
      byte[] message = new byte[TransportLayout.CIPHERTEXT + plaintext.length + Aead.TAG_BYTES];
      MemorySegment target = MemorySegment.ofArray(message);
      TransportLayout.begin(target, 0, receiver, counter);
      aead.seal(
          key,
          counter,
          MemorySegment.ofArray(plaintext),
          0,
          plaintext.length,
          0,
          target,
          TransportLayout.CIPHERTEXT);
      return message;
    }

    private void sendGenuine(long counter, byte[] plaintext, int port) {
      socket.add(sealed(counter, plaintext), port);
      // Forged ones have used counters, too, but did not authenticate: only these count.
      if (isNew(counter)) {
        MemorySegment packet = MemorySegment.ofArray(plaintext);
        int bytes = plaintext.length == 0 ? -1 : IpHeader.packetBytes(packet, 0, plaintext.length);
        if (bytes >= 0 && isAllowed(packet)) {
          expected.add(packet.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE));
        }
      }
    }

    private boolean isNew(long counter) {
      if (Long.compareUnsigned(counter, -(1L << 13) - 1) >= 0) {
        return false;
      }
      for (long other : seen) {
        if (Long.compareUnsigned(other, counter) > 0 && other - counter >= 8_192) {
          return false;
        }
        if (Long.compareUnsigned(other, counter) > 0
            && Long.compareUnsigned(other - counter, 8_192) >= 0) {
          return false;
        }
      }
      return seen.add(counter);
    }

    private static boolean isAllowed(MemorySegment packet) {
      return IpHeader.version(packet, 0) == 4
          ? IpHeader.ipv4Source(packet, 0) == ALLOWED_SOURCE
          : IpHeader.ipv6SourceHigh(packet, 0) == 0xFD42_0001_0000_0000L;
    }
  }
}
