package cloud.runbeam.wgagent.engine.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** Opening and sealing transport messages of any content: three implementations that must agree. */
class AeadFuzzTest {
  private static final KeyArena KEYS = TestKeys.arena();
  private static final SecretKey KEY = TestKeys.secret(KEYS, "fuzz");
  private static final List<Aead> IMPLEMENTATIONS =
      List.of(IntrinsicAead.PROVIDER.newAead(), JceAead.PROVIDER.newAead());

  @FuzzTest(maxDuration = "60s")
  void agreesWithThePortableCode(FuzzedDataProvider data) {
    long counter = data.consumeLong();
    int padding = data.consumeInt(0, 15);
    int flipAt = data.consumeInt(0, 4_096);
    byte[] plaintext = data.consumeRemainingAsBytes();
    byte[] padded = Arrays.copyOf(plaintext, plaintext.length + padding);
    byte[] expected = ChaCha20Poly1305.seal(KEY, counter, new byte[0], padded);

    for (Aead aead : IMPLEMENTATIONS) {
      byte[] sealed = new byte[expected.length];
      aead.seal(
          KEY,
          counter,
          MemorySegment.ofArray(plaintext),
          0,
          plaintext.length,
          padding,
          MemorySegment.ofArray(sealed),
          0);
      assertThat(sealed).isEqualTo(expected);

      byte[] opened = new byte[padded.length];
      assertThat(open(aead, counter, sealed, opened)).isEqualTo(padded.length);
      assertThat(opened).isEqualTo(padded);

      sealed[flipAt % sealed.length] ^= 1;
      byte[] untouched = opened.clone();
      assertThat(open(aead, counter, sealed, untouched)).isEqualTo(-1);
      assertThat(untouched).isEqualTo(opened);
    }
  }

  /** What never was a message of ours. */
  @FuzzTest(maxDuration = "60s")
  void opensNothingThatWasNotSealed(byte[] message) {
    for (Aead aead : IMPLEMENTATIONS) {
      byte[] target = new byte[Math.max(0, message.length - Aead.TAG_BYTES)];
      assertThat(open(aead, 0, message, target)).isEqualTo(-1);
      assertThat(target).isEqualTo(new byte[target.length]);
    }
  }

  private static int open(Aead aead, long counter, byte[] message, byte[] target) {
    return aead.open(
        KEY,
        counter,
        MemorySegment.ofArray(message),
        0,
        message.length,
        MemorySegment.ofArray(target),
        0);
  }
}
