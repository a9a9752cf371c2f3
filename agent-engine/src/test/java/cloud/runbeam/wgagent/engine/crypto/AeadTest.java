package cloud.runbeam.wgagent.engine.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every provider must do. */
class AeadTest {
  private final KeyArena arena = TestKeys.arena();
  private final Arena memory = Arena.ofConfined();
  private final SecretKey key = TestKeys.secret(arena, "aead");

  @AfterEach
  void close() {
    arena.close();
    memory.close();
  }

  static List<AeadProvider> providers() {
    return List.of(IntrinsicAead.PROVIDER, JceAead.PROVIDER);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void encryptsTheTextOfRfc8439AppendixA5(AeadProvider provider) {
    byte[] plaintext = Rfc8439.A5_PLAINTEXT.getBytes(UTF_8);
    byte[] ciphertext = HexFormat.of().parseHex(Rfc8439.A5_CIPHERTEXT);
    try (SecretKey rfcKey = arena.copyOf(HexFormat.of().parseHex(Rfc8439.A5_KEY))) {
      byte[] sealed = new byte[plaintext.length + 16];
      provider
          .newAead()
          .seal(
              rfcKey,
              Rfc8439.A5_COUNTER,
              MemorySegment.ofArray(plaintext),
              0,
              plaintext.length,
              0,
              MemorySegment.ofArray(sealed),
              0);
      // The tag there covers additional data, which transport messages have none of.
      assertThat(Arrays.copyOf(sealed, plaintext.length)).isEqualTo(ciphertext);
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void agreesWithThePortableCodeAtEveryLength(AeadProvider provider) {
    Aead aead = provider.newAead();
    MemorySegment text = random(2_100);
    MemorySegment sealed = memory.allocate(2_116);
    for (int length = 0; length <= 2_100; length += length < 300 ? 1 : 13) {
      aead.seal(key, length, text, 0, length, 0, sealed, 0);
      byte[] plaintext = text.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
      assertThat(sealed.asSlice(0, length + 16).toArray(ValueLayout.JAVA_BYTE))
          .as("%d bytes", length)
          .isEqualTo(ChaCha20Poly1305.seal(key, length, new byte[0], plaintext));
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void agreesWithJceAtTheLargestLengths(AeadProvider provider) throws GeneralSecurityException {
    Aead aead = provider.newAead();
    for (int length : new int[] {8_936, 34_736, 65_519, 65_535}) {
      MemorySegment text = random(length);
      MemorySegment sealed = memory.allocate(length + 16L);
      aead.seal(key, 7, text, 0, length, 0, sealed, 0);
      assertThat(sealed.toArray(ValueLayout.JAVA_BYTE))
          .isEqualTo(jce(7, text.toArray(ValueLayout.JAVA_BYTE)));
      MemorySegment opened = memory.allocate(length);
      assertThat(aead.open(key, 7, sealed, 0, length + 16, opened, 0)).isEqualTo(length);
      assertThat(opened.mismatch(text)).isEqualTo(-1);
    }
  }

  /**
   * Long enough for the compiler to put the vector code in place of the Java code, and to be wrong
   * if they differ.
   */
  @ParameterizedTest
  @MethodSource("providers")
  void agreesWithJceBeforeAndAfterCompilation(AeadProvider provider)
      throws GeneralSecurityException {
    long seed = 20_261_123;
    Random random = new Random(seed);
    Aead sealing = provider.newAead();
    Aead opening = provider.newAead();
    MemorySegment text = random(1_500);
    MemorySegment sealed = memory.allocate(1_516);
    for (int i = 0; i < 60_000; i++) {
      int length = random.nextInt(1_501);
      long counter = random.nextLong();
      sealing.seal(key, counter, text, 0, length, 0, sealed, 0);
      if (i % 50 == 0) {
        byte[] plaintext = text.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        assertThat(sealed.asSlice(0, length + 16).toArray(ValueLayout.JAVA_BYTE))
            .as("seed %d, round %d, %d bytes", seed, i, length)
            .isEqualTo(jce(counter, plaintext));
      }
      assertThat(opening.open(key, counter, sealed, 0, length + 16, sealed, 0)).isEqualTo(length);
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void usesAll64BitsOfTheCounter(AeadProvider provider) throws GeneralSecurityException {
    Aead aead = provider.newAead();
    byte[] plaintext = new byte[40];
    byte[] sealed = new byte[56];
    for (long counter : new long[] {0, 1, -1, Long.MIN_VALUE, 1L << 32, 0xFFFF_FFFFL}) {
      aead.seal(
          key,
          counter,
          MemorySegment.ofArray(plaintext),
          0,
          40,
          0,
          MemorySegment.ofArray(sealed),
          0);
      assertThat(sealed).isEqualTo(jce(counter, plaintext));
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void padsWithZerosWhateverLiesBehindThePlaintext(AeadProvider provider) {
    Aead aead = provider.newAead();
    MemorySegment text = random(2_048);
    MemorySegment sealed = memory.allocate(2_064);
    MemorySegment opened = memory.allocate(2_048);
    for (int[] lengths :
        new int[][] {{0, 0}, {0, 16}, {1, 15}, {100, 12}, {950, 26}, {1_000, 900}}) {
      int padded = lengths[0] + lengths[1];
      aead.seal(key, 1, text, 5, lengths[0], lengths[1], sealed, 0);
      assertThat(aead.open(key, 1, sealed, 0, padded + 16, opened, 0)).isEqualTo(padded);
      assertThat(opened.asSlice(0, lengths[0]).mismatch(text.asSlice(5, lengths[0]))).isEqualTo(-1);
      assertThat(opened.asSlice(lengths[0], lengths[1]).toArray(ValueLayout.JAVA_BYTE))
          .isEqualTo(new byte[lengths[1]]);
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void sealsAndOpensInPlaceAndShifted(AeadProvider provider) {
    Aead aead = provider.newAead();
    byte[] plaintext = random(1_400).toArray(ValueLayout.JAVA_BYTE);
    for (int shift : new int[] {-700, -16, -1, 0, 1, 16, 700}) {
      MemorySegment packet = memory.allocate(4_000);
      int start = 1_000;
      MemorySegment.copy(plaintext, 0, packet, ValueLayout.JAVA_BYTE, start, plaintext.length);
      aead.seal(key, 3, packet, start, plaintext.length, 0, packet, start + shift);
      assertThat(
              packet.asSlice(start + shift, plaintext.length + 16L).toArray(ValueLayout.JAVA_BYTE))
          .isEqualTo(ChaCha20Poly1305.seal(key, 3, new byte[0], plaintext));
      assertThat(aead.open(key, 3, packet, start + shift, plaintext.length + 16, packet, start))
          .isEqualTo(plaintext.length);
      assertThat(packet.asSlice(start, plaintext.length).toArray(ValueLayout.JAVA_BYTE))
          .isEqualTo(plaintext);
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void refusesEveryFlippedBitAndWritesNothing(AeadProvider provider) {
    Aead aead = provider.newAead();
    MemorySegment sealed = memory.allocate(80 + 16);
    aead.seal(key, 9, random(80), 0, 80, 0, sealed, 0);
    MemorySegment target = memory.allocate(80);
    target.fill((byte) 0x55);
    for (int bit = 0; bit < 8 * 96; bit++) {
      flip(sealed, bit);
      assertThat(aead.open(key, 9, sealed, 0, 96, target, 0)).as("bit %d", bit).isEqualTo(-1);
      flip(sealed, bit);
    }
    assertThat(target.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0x55);
    assertThat(aead.open(key, 10, sealed, 0, 96, target, 0)).as("counter").isEqualTo(-1);
    assertThat(aead.open(key, 9, sealed, 0, 95, target, 0)).as("shortened").isEqualTo(-1);
    assertThat(aead.open(TestKeys.secret(arena, "other"), 9, sealed, 0, 96, target, 0))
        .isEqualTo(-1);
    assertThat(aead.open(key, 9, sealed, 0, 96, target, 0)).isEqualTo(80);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void refusesWhatIsShorterThanATag(AeadProvider provider) {
    Aead aead = provider.newAead();
    MemorySegment sealed = memory.allocate(16);
    for (int length = 0; length < 16; length++) {
      assertThat(aead.open(key, 0, sealed, 0, length, sealed, 0)).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void sealsTheSameNumberTwiceIfAskedTo(AeadProvider provider) {
    Aead aead = provider.newAead();
    MemorySegment text = random(32);
    MemorySegment first = memory.allocate(48);
    MemorySegment second = memory.allocate(48);
    aead.seal(key, 5, text, 0, 32, 0, first, 0);
    aead.seal(key, 5, text, 0, 32, 0, second, 0);
    assertThat(first.mismatch(second)).isEqualTo(-1);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void refusesRangesOutsideTheirSegments(AeadProvider provider) {
    Aead aead = provider.newAead();
    MemorySegment small = memory.allocate(100);
    MemorySegment large = memory.allocate(70_000);
    for (Runnable call :
        new Runnable[] {
          () -> aead.seal(key, 0, small, 0, 101, 0, large, 0),
          () -> aead.seal(key, 0, small, -1, 10, 0, large, 0),
          () -> aead.seal(key, 0, small, 0, -1, 0, large, 0),
          () -> aead.seal(key, 0, small, 0, 10, -1, large, 0),
          () -> aead.seal(key, 0, small, 0, 85, 0, small, 0),
          () -> aead.seal(key, 0, small, 0, 84, 1, small, 0),
          () -> aead.seal(key, 0, large, 0, 65_536, 0, large, 0),
          () -> aead.seal(key, 0, large, 0, 65_535, 1, large, 0),
          () -> aead.open(key, 0, small, 0, 101, large, 0),
          () -> aead.open(key, 0, small, 50, 51, large, 0),
          () -> aead.open(key, 0, small, 0, -1, large, 0),
          () -> aead.open(key, 0, large, 0, 117, small, 0),
          () -> aead.open(key, 0, large, 0, 65_552, large, 65_000),
          () -> aead.open(key, 0, large, 0, 65_535 + 17, large, 0),
        }) {
      assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(call::run);
    }
    assertThat(large.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
    aead.seal(key, 0, small, 0, 84, 0, small, 0);
    assertThat(aead.open(key, 0, small, 0, 100, small, 16)).isEqualTo(84);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void refusesAWipedKey(AeadProvider provider) {
    Aead aead = provider.newAead();
    MemorySegment packet = memory.allocate(64);
    key.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> aead.seal(key, 0, packet, 0, 9, 7, packet, 0));
    assertThatIllegalStateException().isThrownBy(() -> aead.open(key, 0, packet, 0, 32, packet, 0));
  }

  private MemorySegment random(int length) {
    MemorySegment segment = memory.allocate(length);
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, length);
    return segment;
  }

  private static void flip(MemorySegment segment, int bit) {
    byte before = segment.get(ValueLayout.JAVA_BYTE, bit / 8);
    segment.set(ValueLayout.JAVA_BYTE, bit / 8, (byte) (before ^ (1 << (bit % 8))));
  }

  /** The independent way: straight to the JDK with plain arrays. */
  private static byte[] jce(long counter, byte[] plaintext) throws GeneralSecurityException {
    byte[] nonce =
        ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putInt(0).putLong(counter).array();
    Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305");
    cipher.init(
        Cipher.ENCRYPT_MODE,
        new SecretKeySpec(TestKeys.bytes("aead"), "ChaCha20"),
        new IvParameterSpec(nonce));
    return cipher.doFinal(plaintext);
  }
}
