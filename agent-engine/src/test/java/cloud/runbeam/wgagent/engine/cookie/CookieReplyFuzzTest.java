package cloud.runbeam.wgagent.engine.cookie;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.testkit.SeededEntropy;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import cloud.runbeam.wgagent.engine.wire.CookieReplyLayout;
import cloud.runbeam.wgagent.engine.wire.InitiationLayout;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A cookie reply of which any bits were turned over is taken only if nonce and cookie are intact,
 * and one that is refused does not keep the genuine one from being taken.
 */
class CookieReplyFuzzTest {
  private static final KeyArena KEYS = TestKeys.arena();
  private static final PublicKey RESPONDER = TestKeys.privateKey(KEYS, "responder").publicKey();
  private static final Endpoint SOURCE = Endpoint.ipv4(0xC0000201, 51_820);

  @FuzzTest(maxDuration = "60s")
  void reply(byte[] mask) {
    try (CookieGenerator generator = new CookieGenerator(KEYS, RESPONDER);
        CookieChecker checker = new CookieChecker(KEYS, new SeededEntropy(1), RESPONDER)) {
      MemorySegment message = MemorySegment.ofArray(new byte[InitiationLayout.BYTES]);
      generator.addMacs(message, 0, InitiationLayout.BYTES, 0);
      byte[] genuine = new byte[CookieReplyLayout.BYTES];
      checker.writeReply(
          MemorySegment.ofArray(genuine), 0, message, 0, InitiationLayout.BYTES, 7, SOURCE, 0);
      byte[] changed = genuine.clone();
      for (int i = 0; i < Math.min(changed.length, mask.length); i++) {
        changed[i] ^= mask[i];
      }
      MemorySegment one = MemorySegment.ofArray(genuine);
      MemorySegment other = MemorySegment.ofArray(changed);
      boolean intact =
          one.asSlice(CookieReplyLayout.NONCE).mismatch(other.asSlice(CookieReplyLayout.NONCE)) < 0;

      assertThat(generator.consumeReply(other, 0, 0)).isEqualTo(intact);
      if (!intact) {
        assertThat(generator.hasCookie(0)).isFalse();
        assertThat(generator.consumeReply(one, 0, 0)).isTrue();
      }
      generator.addMacs(message, 0, InitiationLayout.BYTES, 0);
      assertThat(checker.verifyMac2(message, 0, InitiationLayout.BYTES, SOURCE, 0)).isTrue();
    }
  }

  /** The side that gives cookies reads a message and its MACs, whatever they are. */
  @FuzzTest(maxDuration = "60s")
  void mac2(byte[] bytes) {
    try (CookieChecker checker = new CookieChecker(KEYS, new SeededEntropy(1), RESPONDER)) {
      byte[] padded = java.util.Arrays.copyOf(bytes, InitiationLayout.BYTES);
      MemorySegment message = MemorySegment.ofArray(padded);
      MemorySegment reply = MemorySegment.ofArray(new byte[CookieReplyLayout.BYTES]);
      checker.writeReply(reply, 0, message, 0, InitiationLayout.BYTES, 7, SOURCE, 0);

      assertThat(checker.verifyMac2(message, 0, InitiationLayout.BYTES, SOURCE, 0)).isFalse();
      assertThat(message.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(padded);
    }
  }
}
