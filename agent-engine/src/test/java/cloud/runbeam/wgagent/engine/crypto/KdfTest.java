package cloud.runbeam.wgagent.engine.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.bouncycastle.crypto.digests.Blake2sDigest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.HKDFParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KdfTest {
  private final KeyArena arena = TestKeys.arena();

  @AfterEach
  void closeArena() {
    arena.close();
  }

  @Test
  void hmacAgreesWithBouncyCastle() {
    for (int length : new int[] {0, 1, 32, 63, 64, 65, 200}) {
      byte[] key = TestKeys.bytes("hmac key");
      byte[] message = Arrays.copyOf(TestKeys.bytes("hmac message"), length);
      HMac reference = new HMac(new Blake2sDigest(256));
      reference.init(new KeyParameter(key));
      reference.update(message, 0, length);
      byte[] expected = new byte[32];
      reference.doFinal(expected, 0);

      byte[] output = new byte[32];
      Kdf.hmac(key, message, 0, length, output);
      assertThat(output).as("%d bytes", length).isEqualTo(expected);
    }
  }

  @Test
  void derivesOneTwoAndThreeKeysAsHkdfDoes() {
    for (int inputBytes : new int[] {0, 32}) {
      byte[] input = Arrays.copyOf(TestKeys.bytes("input"), inputBytes);
      MemorySegment memory = MemorySegment.ofArray(input);
      byte[] expected = hkdf(TestKeys.bytes("chaining key"), input, 96);
      try (SecretKey key = TestKeys.secret(arena, "chaining key");
          SecretKey one = arena.allocate();
          SecretKey two = arena.allocate();
          SecretKey three = arena.allocate()) {
        Kdf.derive(key, memory, one);
        assertThat(bytes(one)).isEqualTo(Arrays.copyOf(expected, 32));

        one.wipe();
        Kdf.derive(key, memory, one, two);
        assertThat(bytes(one)).isEqualTo(Arrays.copyOf(expected, 32));
        assertThat(bytes(two)).isEqualTo(Arrays.copyOfRange(expected, 32, 64));

        Kdf.derive(key, memory, one, two, three);
        assertThat(bytes(three)).isEqualTo(Arrays.copyOfRange(expected, 64, 96));
      }
    }
  }

  @Test
  void mayOverwriteItsOwnKey() {
    byte[] expected = hkdf(TestKeys.bytes("chaining key"), TestKeys.bytes("shared"), 64);
    try (SecretKey key = TestKeys.secret(arena, "chaining key");
        SecretKey shared = TestKeys.secret(arena, "shared")) {
      Kdf.derive(key, shared.bytes(), key, shared);
      assertThat(bytes(key)).isEqualTo(Arrays.copyOf(expected, 32));
      assertThat(bytes(shared)).isEqualTo(Arrays.copyOfRange(expected, 32, 64));
    }
  }

  private static byte[] bytes(SecretKey key) {
    return key.bytes().toArray(ValueLayout.JAVA_BYTE);
  }

  /** RFC 5869 with the chaining key as salt and no info is what the paper calls KDF. */
  private static byte[] hkdf(byte[] salt, byte[] input, int length) {
    HKDFBytesGenerator generator = new HKDFBytesGenerator(new Blake2sDigest(256));
    generator.init(new HKDFParameters(input, salt, null));
    byte[] output = new byte[length];
    generator.generateBytes(output, 0, length);
    return output;
  }
}
