package cloud.runbeam.wgagent.engine.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ChaCha20Poly1305Test {
  private final KeyArena arena = TestKeys.arena();

  @AfterEach
  void closeArena() {
    arena.close();
  }

  @Test
  void sealsAndOpensRfc8439AppendixA5() {
    byte[] data = HexFormat.of().parseHex(Rfc8439.A5_ADDITIONAL_DATA);
    byte[] plaintext = Rfc8439.A5_PLAINTEXT.getBytes(UTF_8);
    byte[] sealed = HexFormat.of().parseHex(Rfc8439.A5_CIPHERTEXT + Rfc8439.A5_TAG);
    try (SecretKey key = arena.copyOf(HexFormat.of().parseHex(Rfc8439.A5_KEY))) {
      assertThat(ChaCha20Poly1305.seal(key, Rfc8439.A5_COUNTER, data, plaintext)).isEqualTo(sealed);
      byte[] opened = new byte[plaintext.length];
      assertThat(ChaCha20Poly1305.open(key, Rfc8439.A5_COUNTER, data, sealed, opened)).isTrue();
      assertThat(opened).isEqualTo(plaintext);
    }
  }

  @Test
  void authenticatesTheTextOfRfc8439Section252() {
    byte[] key =
        HexFormat.of().parseHex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b");
    byte[] message = "Cryptographic Forum Research Group".getBytes(US_ASCII);
    assertThat(HexFormat.of().formatHex(naiveTag(key, message, false)))
        .as("the twin below")
        .isEqualTo("a8061dc1305136c6c22b8baf0c0127a9");
  }

  @Test
  void poly1305AgreesWithBigNumbersAlsoAtTheEdgesOfTheField() {
    long seed = 1_305;
    Random random = new Random(seed);
    for (int i = 0; i < 3_000; i++) {
      byte[] key = new byte[32];
      random.nextBytes(key);
      byte[] message = new byte[16 * random.nextInt(6)];
      random.nextBytes(message);
      switch (i % 6) {
        case 0 -> Arrays.fill(message, (byte) 0xFF);
        case 1 -> Arrays.fill(key, (byte) 0xFF);
        case 2 -> {
          Arrays.fill(key, (byte) 0xFF);
          Arrays.fill(message, (byte) 0xFF);
        }
        case 3 -> {
          // r = 1 leaves the sum as it is: it comes close to the modulus from both sides.
          Arrays.fill(key, 0, 16, (byte) 0);
          key[0] = 1;
          Arrays.fill(message, (byte) 0xFF);
          if (message.length > 0) {
            message[0] = (byte) random.nextInt();
          }
        }
        default -> {
          // As drawn.
        }
      }
      Poly1305 authenticator = new Poly1305();
      authenticator.start(key, 0);
      int cut = message.length == 0 ? 0 : 16 * random.nextInt(message.length / 16);
      authenticator.update(message, 0, cut);
      authenticator.update(message, cut, message.length - cut);
      byte[] tag = new byte[16];
      authenticator.finish(tag, 0);
      assertThat(tag).as("seed %d, round %d", seed, i).isEqualTo(naiveTag(key, message, true));
    }
  }

  @Test
  void handshakeAeadRefusesEveryFlippedBit() {
    try (SecretKey key = TestKeys.secret(arena, "handshake")) {
      MemorySegment hash = MemorySegment.ofArray(TestKeys.bytes("hash"));
      byte[] plaintext = TestKeys.bytes("static");
      byte[] sealed = new byte[48];
      MemorySegment sealedBytes = MemorySegment.ofArray(sealed);
      HandshakeAead.seal(key, 0, hash, MemorySegment.ofArray(plaintext), sealedBytes, 0);
      byte[] opened = new byte[32];
      MemorySegment target = MemorySegment.ofArray(opened);
      for (int bit = 0; bit < 8 * sealed.length; bit++) {
        sealed[bit / 8] ^= (byte) (1 << (bit % 8));
        assertThat(HandshakeAead.open(key, 0, hash, sealedBytes, target)).isFalse();
        sealed[bit / 8] ^= (byte) (1 << (bit % 8));
      }
      assertThat(opened).containsOnly(0);
      MemorySegment otherHash = MemorySegment.ofArray(TestKeys.bytes("other hash"));
      assertThat(HandshakeAead.open(key, 0, otherHash, sealedBytes, target)).isFalse();
      assertThat(HandshakeAead.open(key, 1, hash, sealedBytes, target)).isFalse();
      assertThat(HandshakeAead.open(key, 0, hash, sealedBytes.asSlice(0, 15), target)).isFalse();
      assertThat(HandshakeAead.open(key, 0, hash, sealedBytes, target)).isTrue();
      assertThat(opened).isEqualTo(plaintext);
    }
  }

  /** Section 2.5.1 as it is written, with numbers of any size. */
  private static byte[] naiveTag(byte[] key, byte[] message, boolean wholeBlocks) {
    assertThat(!wholeBlocks || message.length % 16 == 0).isTrue();
    BigInteger p = BigInteger.ONE.shiftLeft(130).subtract(BigInteger.valueOf(5));
    BigInteger clamp = new BigInteger("0ffffffc0ffffffc0ffffffc0fffffff", 16);
    BigInteger r = littleEndian(key, 0, 16).and(clamp);
    BigInteger sum = BigInteger.ZERO;
    for (int i = 0; i < message.length; i += 16) {
      int length = Math.min(16, message.length - i);
      BigInteger block = littleEndian(message, i, length).setBit(8 * length);
      sum = sum.add(block).multiply(r).mod(p);
    }
    byte[] bigEndian = sum.add(littleEndian(key, 16, 16)).setBit(136).toByteArray();
    byte[] tag = new byte[16];
    for (int i = 0; i < 16; i++) {
      tag[i] = bigEndian[bigEndian.length - 1 - i];
    }
    return tag;
  }

  private static BigInteger littleEndian(byte[] bytes, int offset, int length) {
    byte[] reversed = new byte[length];
    for (int i = 0; i < length; i++) {
      reversed[i] = bytes[offset + length - 1 - i];
    }
    return new BigInteger(1, reversed);
  }
}
