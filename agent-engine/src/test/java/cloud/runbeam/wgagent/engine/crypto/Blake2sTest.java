package cloud.runbeam.wgagent.engine.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class Blake2sTest {
  @Test
  void hashesAbcAsInRfc7693AppendixB() {
    assertThat(HexFormat.of().formatHex(Blake2s.hashOf("abc".getBytes(US_ASCII))))
        .isEqualTo("508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982");
  }

  @Test
  void passesTheSelfTestOfRfc7693AppendixE() {
    Blake2s all = Blake2s.hash();
    for (int digestBytes : new int[] {16, 20, 28, 32}) {
      for (int inputBytes : new int[] {0, 3, 64, 65, 255, 1_024}) {
        byte[] input = fibonacci(inputBytes, inputBytes);
        all.update(Blake2s.of(digestBytes, null).update(input).finish());
        byte[] key = fibonacci(digestBytes, digestBytes);
        all.update(Blake2s.of(digestBytes, key).update(input).finish());
      }
    }
    assertThat(HexFormat.of().formatHex(all.finish()))
        .isEqualTo("6a411f08ce25adcdfb02aba641451cec53c598b24f4fc787fbdc88797f4c1dfe");
  }

  @Test
  void streamsFromMemoryInPiecesOfAnyLength() {
    byte[] input = fibonacci(1_000, 7);
    MemorySegment memory = MemorySegment.ofArray(input);
    byte[] expected = Blake2s.hashOf(input);
    for (int cut = 0; cut <= input.length; cut++) {
      assertThat(
              Blake2s.hash()
                  .update(memory, 0, cut)
                  .update(memory, cut, input.length - cut)
                  .finish())
          .as("cut at %d", cut)
          .isEqualTo(expected);
    }
  }

  @Test
  void startsAnewAfterFinishing() {
    byte[] key = TestKeys.bytes("mac");
    Blake2s mac = Blake2s.mac(key);
    byte[] first = mac.update(new byte[] {1}).finish();
    byte[] second = new byte[20];
    mac.update(new byte[] {1}).finish(second, 2);
    assertThat(first).hasSize(16).isEqualTo(Arrays.copyOfRange(second, 2, 18));
  }

  @Test
  void forgetsItsKey() {
    byte[] key = TestKeys.bytes("mac");
    Blake2s mac = Blake2s.mac(key);
    byte[] keyed = mac.update(new byte[] {1}).finish();
    mac.forgetKey();
    assertThat(mac.update(new byte[] {1}).finish())
        .isNotEqualTo(keyed)
        .isEqualTo(Blake2s.mac(new byte[key.length]).update(new byte[] {1}).finish());
  }

  /** The deterministic input of RFC 7693 appendix E. */
  private static byte[] fibonacci(int length, int seed) {
    byte[] bytes = new byte[length];
    int a = 0xDEAD4BAD * seed;
    int b = 1;
    for (int i = 0; i < length; i++) {
      int sum = a + b;
      a = b;
      b = sum;
      bytes[i] = (byte) (sum >> 24);
    }
    return bytes;
  }
}
