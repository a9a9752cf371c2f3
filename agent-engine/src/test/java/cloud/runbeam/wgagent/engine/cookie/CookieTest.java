package cloud.runbeam.wgagent.engine.cookie;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.crypto.Blake2s;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.testkit.ScriptedEntropy;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import cloud.runbeam.wgagent.engine.wire.CookieReplyLayout;
import cloud.runbeam.wgagent.engine.wire.InitiationLayout;
import cloud.runbeam.wgagent.engine.wire.MessageType;
import cloud.runbeam.wgagent.engine.wire.PacketGate;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.crypto.digests.Blake2sDigest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Both ends of MAC1, MAC2 and the cookie reply. */
class CookieTest {
  private static final int LENGTH = InitiationLayout.BYTES;
  private static final int OFFSET = 12;
  private static final Endpoint SOURCE = Endpoint.ipv4(0x0A000001, 51_820);
  private static final long NOW_NS = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(60);

  private final KeyArena arena = TestKeys.arena();
  private final PublicKey responder = TestKeys.privateKey(arena, "responder").publicKey();
  private final CookieChecker checker =
      new CookieChecker(arena, new ScriptedEntropy(54), responder);
  private final CookieGenerator generator = new CookieGenerator(arena, responder);
  private final Mac1 mac1 = new Mac1(responder);
  private final MemorySegment message = MemorySegment.ofArray(new byte[OFFSET + LENGTH]);
  private final MemorySegment reply = MemorySegment.ofArray(new byte[64]);

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void mac1IsWhatThePaperSays() {
    fill(message);
    generator.addMacs(message, OFFSET, LENGTH, NOW_NS);
    byte[] covered = message.asSlice(OFFSET, 116).toArray(ValueLayout.JAVA_BYTE);
    byte[] key = new byte[32];
    Blake2sDigest hash = new Blake2sDigest(256);
    hash.update("mac1----".getBytes(US_ASCII), 0, 8);
    hash.update(responder.toBytes(), 0, 32);
    hash.doFinal(key, 0);
    byte[] expected = new byte[16];
    Blake2sDigest mac = new Blake2sDigest(key, 16, null, null);
    mac.update(covered, 0, covered.length);
    mac.doFinal(expected, 0);
    assertThat(message.asSlice(OFFSET + 116, 16).toArray(ValueLayout.JAVA_BYTE))
        .isEqualTo(expected);
    assertThat(message.asSlice(OFFSET + 132, 16).toArray(ValueLayout.JAVA_BYTE))
        .as("no cookie, no mac2")
        .containsOnly(0);
  }

  @Test
  void mac1IsRefusedWithAnyBitChangedAndForAnybodyElse() {
    fill(message);
    generator.addMacs(message, OFFSET, LENGTH, NOW_NS);
    for (int i = 0; i < 132; i++) {
      flip(message, OFFSET + i);
      assertThat(mac1.verify(message, OFFSET, LENGTH)).as("byte %d", i).isFalse();
      flip(message, OFFSET + i);
    }
    assertThat(mac1.verify(message, OFFSET, LENGTH)).isTrue();
    PublicKey other = TestKeys.privateKey(arena, "other").publicKey();
    assertThat(new Mac1(other).verify(message, OFFSET, LENGTH)).isFalse();
  }

  @Test
  void aCookieProvesTheSource() {
    prepareWithCookie();
    assertThat(mac1.verify(message, OFFSET, LENGTH)).isTrue();
    assertThat(checker.verifyMac2(message, OFFSET, LENGTH, SOURCE, NOW_NS)).isTrue();
  }

  @Test
  void aCookieIsBoundToAddressAndPort() {
    prepareWithCookie();
    for (Endpoint other :
        new Endpoint[] {
          Endpoint.ipv4(0x0A000002, 51_820),
          Endpoint.ipv4(0x0A000001, 51_821),
          Endpoint.ipv6(0, 0x0A000001, 51_820, 0),
          Endpoint.ipv6(1, SOURCE.addressLow(), 51_820, 0),
        }) {
      assertThat(checker.verifyMac2(message, OFFSET, LENGTH, other, NOW_NS))
          .as(other.toString())
          .isFalse();
    }
    Endpoint arrivedElsewhere =
        new Endpoint(SOURCE.addressHigh(), SOURCE.addressLow(), SOURCE.port(), 0, 0, 9, 3);
    assertThat(checker.verifyMac2(message, OFFSET, LENGTH, arrivedElsewhere, NOW_NS))
        .as("where it arrived does not matter")
        .isTrue();
  }

  @Test
  void mac2CoversTheWholeMessage() {
    prepareWithCookie();
    for (int i = 0; i < LENGTH; i++) {
      flip(message, OFFSET + i);
      assertThat(checker.verifyMac2(message, OFFSET, LENGTH, SOURCE, NOW_NS))
          .as("byte %d", i)
          .isFalse();
      flip(message, OFFSET + i);
    }
  }

  @Test
  void withoutACookieThereIsNoProof() {
    fill(message);
    generator.addMacs(message, OFFSET, LENGTH, NOW_NS);
    assertThat(checker.verifyMac2(message, OFFSET, LENGTH, SOURCE, NOW_NS))
        .as("before the first secret")
        .isFalse();
    writeReply(NOW_NS);
    assertThat(checker.verifyMac2(message, OFFSET, LENGTH, SOURCE, NOW_NS)).isFalse();
  }

  @Test
  void theReplyIsAMessageThatIsShorterThanWhatItAnswers() {
    fill(message);
    generator.addMacs(message, OFFSET, LENGTH, NOW_NS);
    assertThat(writeReply(NOW_NS)).isEqualTo(64).isLessThan(92);
    assertThat(PacketGate.classify(reply, 0, 64)).isEqualTo(MessageType.COOKIE_REPLY);
    assertThat(CookieReplyLayout.receiverIndex(reply, 0)).isEqualTo(77);
  }

  @Test
  void repliesThatAnswerNothingOrAreForgedAreRefused() {
    assertThat(generator.consumeReply(reply, 0, NOW_NS)).as("nothing was sent").isFalse();
    fill(message);
    generator.addMacs(message, OFFSET, LENGTH, NOW_NS);
    writeReply(NOW_NS);
    for (int i = 8; i < 64; i++) {
      flip(reply, i);
      assertThat(generator.consumeReply(reply, 0, NOW_NS)).as("byte %d", i).isFalse();
      flip(reply, i);
    }
    assertThat(generator.hasCookie(NOW_NS)).isFalse();

    byte[] late = reply.toArray(ValueLayout.JAVA_BYTE);
    assertThat(generator.consumeReply(reply, 0, NOW_NS)).isTrue();
    assertThat(generator.hasCookie(NOW_NS)).isTrue();
    assertThat(generator.consumeReply(reply, 0, NOW_NS)).as("the same reply again").isFalse();
    flip(message, OFFSET + 9);
    generator.addMacs(message, OFFSET, LENGTH, NOW_NS);
    assertThat(generator.consumeReply(MemorySegment.ofArray(late), 0, NOW_NS))
        .as("a reply to an older message")
        .isFalse();
  }

  @Test
  void cookiesAreForgottenBeforeTheirSecretIs() {
    prepareWithCookie();
    long usedUntilNs = NOW_NS + TimeUnit.SECONDS.toNanos(115);
    generator.addMacs(message, OFFSET, LENGTH, usedUntilNs - 1);
    assertThat(checker.verifyMac2(message, OFFSET, LENGTH, SOURCE, usedUntilNs - 1)).isTrue();
    assertThat(generator.hasCookie(usedUntilNs)).isFalse();
    generator.addMacs(message, OFFSET, LENGTH, usedUntilNs);
    assertThat(message.asSlice(OFFSET + 132, 16).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
  }

  @Test
  void secretsAreForgottenAfterTwoMinutes() {
    prepareWithCookie();
    long endNs = NOW_NS + TimeUnit.SECONDS.toNanos(120);
    assertThat(checker.verifyMac2(message, OFFSET, LENGTH, SOURCE, endNs - 1)).isTrue();
    assertThat(checker.verifyMac2(message, OFFSET, LENGTH, SOURCE, endNs)).isFalse();
    writeReply(endNs);
    assertThat(checker.verifyMac2(message, OFFSET, LENGTH, SOURCE, endNs))
        .as("a new secret does not know old cookies")
        .isFalse();
  }

  @Test
  void closingWipesCookieAndSecrets() {
    prepareWithCookie();
    int keys = arena.keysInUse();
    generator.close();
    assertThat(generator.hasCookie(NOW_NS)).isFalse();
    assertThat(generator.consumeReply(reply, 0, NOW_NS)).isFalse();
    checker.close();
    assertThat(arena.keysInUse()).isEqualTo(keys - 2);
  }

  private void prepareWithCookie() {
    fill(message);
    generator.addMacs(message, OFFSET, LENGTH, NOW_NS);
    writeReply(NOW_NS);
    assertThat(generator.consumeReply(reply, 0, NOW_NS)).isTrue();
    generator.addMacs(message, OFFSET, LENGTH, NOW_NS);
  }

  private int writeReply(long nowNs) {
    return checker.writeReply(reply, 0, message, OFFSET, LENGTH, 77, SOURCE, nowNs);
  }

  private static void fill(MemorySegment target) {
    byte[] pattern = Blake2s.hashOf(new byte[] {1});
    for (int i = 0; i < target.byteSize(); i++) {
      target.set(ValueLayout.JAVA_BYTE, i, pattern[i % pattern.length]);
    }
  }

  private static void flip(MemorySegment target, int index) {
    byte before = target.get(ValueLayout.JAVA_BYTE, index);
    target.set(ValueLayout.JAVA_BYTE, index, (byte) (before ^ 1));
  }
}
