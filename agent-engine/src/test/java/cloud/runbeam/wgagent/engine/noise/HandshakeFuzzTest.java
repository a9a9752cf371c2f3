package cloud.runbeam.wgagent.engine.noise;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.testkit.SeededEntropy;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import cloud.runbeam.wgagent.engine.wire.InitiationLayout;
import cloud.runbeam.wgagent.engine.wire.MacLayout;
import cloud.runbeam.wgagent.engine.wire.ResponseLayout;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Instant;

/**
 * A handshake message of which any bits were turned over is accepted only if none of those were
 * that the handshake authenticates; a refused one leaves no trace.
 */
class HandshakeFuzzTest {
  /** The receiver index is not authenticated, but it must be that of our initiation. */
  private static final int RECEIVER = ResponseLayout.EPHEMERAL - Integer.BYTES;

  private static final Tai64n TIME = Tai64n.of(Instant.parse("2026-01-01T00:00:00Z"));

  @FuzzTest(maxDuration = "60s")
  void initiation(byte[] mask) {
    try (Pair pair = new Pair()) {
      int keysBefore = pair.keys.keysInUse();
      MemorySegment genuine = pair.initiation();
      MemorySegment changed = turnedOver(genuine, mask);
      boolean intact =
          same(
              genuine, changed, InitiationLayout.EPHEMERAL, MacLayout.mac1(InitiationLayout.BYTES));

      boolean accepted = pair.receive(changed) instanceof InitiationResult.Accepted;
      assertThat(accepted).isEqualTo(intact);
      if (!accepted) {
        // The peer's static secret may have been computed; nothing else is left.
        assertThat(pair.keys.keysInUse()).isBetween(keysBefore, keysBefore + Pair.AWAITING + 2);
        assertThat(pair.receive(genuine)).isInstanceOf(InitiationResult.Accepted.class);
      }
    }
  }

  @FuzzTest(maxDuration = "60s")
  void response(byte[] mask) {
    try (Pair pair = new Pair()) {
      pair.receive(pair.initiation());
      MemorySegment genuine = MemorySegment.ofArray(new byte[ResponseLayout.BYTES]);
      pair.answering.writeResponse(genuine, 0, 2, pair.entropy);
      MemorySegment changed = turnedOver(genuine, mask);
      boolean intact = same(genuine, changed, RECEIVER, MacLayout.mac1(ResponseLayout.BYTES));

      boolean accepted = pair.asking.consumeResponse(changed, 0).isEmpty();
      assertThat(accepted).isEqualTo(intact);
      if (!accepted) {
        assertThat(pair.asking.consumeResponse(genuine, 0)).isEmpty();
      }
      // A response that was accepted is not accepted again.
      assertThat(pair.asking.consumeResponse(genuine, 0)).isPresent();
      SessionKeys ours = pair.asking.deriveSession();
      SessionKeys theirs = pair.answering.deriveSession();
      assertThat(SecretKey.equal(ours.sendKey(), theirs.receiveKey())).isTrue();
      assertThat(SecretKey.equal(ours.receiveKey(), theirs.sendKey())).isTrue();
    }
  }

  private static MemorySegment turnedOver(MemorySegment message, byte[] mask) {
    byte[] bytes = message.toArray(ValueLayout.JAVA_BYTE);
    for (int i = 0; i < Math.min(bytes.length, mask.length); i++) {
      bytes[i] ^= mask[i];
    }
    return MemorySegment.ofArray(bytes);
  }

  private static boolean same(MemorySegment one, MemorySegment other, long from, long to) {
    return one.asSlice(from, to - from).mismatch(other.asSlice(from, to - from)) < 0;
  }

  /** Two ends that know each other. */
  private static final class Pair implements AutoCloseable {
    /** Keys that an initiation under way holds: the ephemeral one and three of the state. */
    static final int AWAITING = 4;

    final KeyArena keys = TestKeys.arena();
    final SeededEntropy entropy = new SeededEntropy(1);
    final LocalIdentity initiator = new LocalIdentity(keys, TestKeys.privateKey(keys, "initiator"));
    final LocalIdentity responder = new LocalIdentity(keys, TestKeys.privateKey(keys, "responder"));
    final Handshake asking = new Handshake(keys, responder.publicKey());
    final Handshake answering = new Handshake(keys, initiator.publicKey());

    MemorySegment initiation() {
      MemorySegment message = MemorySegment.ofArray(new byte[InitiationLayout.BYTES]);
      asking.writeInitiation(initiator, message, 0, 1, TIME, entropy);
      return message;
    }

    InitiationResult receive(MemorySegment initiation) {
      return Handshake.consumeInitiation(
          responder, key -> key.equals(initiator.publicKey()) ? answering : null, initiation, 0, 0);
    }

    @Override
    public void close() {
      keys.close();
    }
  }
}
