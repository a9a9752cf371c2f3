package cloud.runbeam.wgagent.engine.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import java.lang.foreign.ValueLayout;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeyTextTest {
  private static final String VALID = PublicKey.fromBytes(TestKeys.bytes("valid")).toBase64();

  private final KeyArena arena = TestKeys.arena();

  @AfterEach
  void closeArena() {
    arena.close();
  }

  @Test
  void writesAndReadsWhatTheJdkWritesAndReads() {
    for (int i = 0; i < 500; i++) {
      byte[] bytes = TestKeys.bytes("key " + i);
      String base64 = Base64.getEncoder().encodeToString(bytes);
      String hex = HexFormat.of().formatHex(bytes);
      PublicKey key = PublicKey.fromBytes(bytes);
      assertThat(key.toBase64()).isEqualTo(base64);
      assertThat(key.toHex()).isEqualTo(hex);
      assertThat(key).hasToString(base64);
      assertThat(PublicKey.fromBase64(base64)).isEqualTo(key).hasSameHashCodeAs(key);
      assertThat(PublicKey.fromHex(hex)).isEqualTo(key);
      assertThat(PublicKey.fromHex(hex.toUpperCase(Locale.ROOT))).isEqualTo(key);
    }
  }

  @Test
  void writesAndReadsSecretKeys() {
    byte[] bytes = TestKeys.bytes("secret");
    try (SecretKey key = arena.copyOf(bytes)) {
      byte[] base64 = new byte[50];
      key.writeBase64(base64, 3);
      assertThat(new String(base64, 3, 44, US_ASCII))
          .isEqualTo(Base64.getEncoder().encodeToString(bytes));
      byte[] hex = new byte[70];
      key.writeHex(hex, 6);
      assertThat(new String(hex, 6, 64, US_ASCII)).isEqualTo(HexFormat.of().formatHex(bytes));
      try (SecretKey fromBase64 = arena.fromBase64(Base64.getEncoder().encode(bytes));
          SecretKey fromHex = arena.fromHex(HexFormat.of().formatHex(bytes).getBytes(US_ASCII))) {
        assertThat(SecretKey.equal(key, fromBase64)).isTrue();
        assertThat(SecretKey.equal(key, fromHex)).isTrue();
      }
    }
  }

  @Test
  void readsNothingButTheOneSpellingOfAKeyInBase64() {
    for (String text :
        new String[] {
          VALID.substring(0, 43),
          VALID + "=",
          VALID.substring(0, 43) + "A",
          VALID.substring(0, 42) + "==",
          "=" + VALID.substring(1),
          VALID.substring(0, 10) + "-" + VALID.substring(11),
          VALID.substring(0, 10) + "_" + VALID.substring(11),
          VALID.substring(0, 10) + "\n" + VALID.substring(11),
          VALID.substring(0, 10) + "é" + VALID.substring(11),
          ""
        }) {
      assertThatIllegalArgumentException()
          .as(text)
          .isThrownBy(() -> PublicKey.fromBase64(text))
          .withMessageStartingWith("a key ")
          .withMessageNotContaining(VALID.substring(1, 9));
    }
  }

  @Test
  void refusesBitsBehindTheLastByte() {
    int canonical = 0;
    for (char last :
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".toCharArray()) {
      String text = VALID.substring(0, 42) + last + "=";
      try {
        assertThat(PublicKey.fromBase64(text).toBase64()).isEqualTo(text);
        canonical++;
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("exactly 32 bytes");
      }
    }
    assertThat(canonical).isEqualTo(16);
  }

  @Test
  void acceptsExactlyTheDigitsThereAre() {
    int base64Digits = 0;
    int hexDigits = 0;
    for (int character = 0; character < 256; character++) {
      byte[] base64 = VALID.getBytes(US_ASCII);
      base64[5] = (byte) character;
      byte[] hex = "0".repeat(64).getBytes(US_ASCII);
      hex[5] = (byte) character;
      base64Digits += accepted(() -> arena.fromBase64(base64));
      hexDigits += accepted(() -> arena.fromHex(hex));
    }
    assertThat(base64Digits).isEqualTo(64);
    assertThat(hexDigits).isEqualTo(22);
    assertThat(arena.keysInUse()).as("refused texts leave no key behind").isZero();
  }

  @Test
  void readsNothingButSixtyFourHexadecimalDigits() {
    String valid = "0123456789abcdef".repeat(4);
    for (String text :
        new String[] {"", valid.substring(1), valid + "0", valid.replace('f', 'g')}) {
      assertThatIllegalArgumentException()
          .as(text)
          .isThrownBy(() -> PublicKey.fromHex(text))
          .withMessageStartingWith("a key ");
    }
  }

  @Test
  void keysDoNotPrintThemselves() {
    try (SecretKey key = TestKeys.secret(arena, "secret")) {
      assertThat(key).hasToString("SecretKey[…]");
    }
  }

  @Test
  void knowsZeroAndClampsAsRfc7748Does() {
    try (SecretKey key = arena.allocate();
        SecretKey ones = arena.allocate()) {
      assertThat(key.isZero()).isTrue();
      assertThat(PublicKey.fromBytes(new byte[32]).isZero()).isTrue();
      for (int i = 0; i < 32; i++) {
        key.bytes().set(ValueLayout.JAVA_BYTE, i, (byte) 1);
        assertThat(key.isZero()).isFalse();
        assertThat(PublicKey.read(key.bytes(), 0).isZero()).isFalse();
        assertThat(SecretKey.equal(key, ones)).isFalse();
        key.wipe();
      }
      ones.bytes().fill((byte) 0xFF);
      ones.clamp();
      byte[] clamped = ones.bytes().toArray(ValueLayout.JAVA_BYTE);
      assertThat(clamped[0]).isEqualTo((byte) 0xF8);
      assertThat(clamped[31]).isEqualTo((byte) 0x7F);
      key.clamp();
      assertThat(key.bytes().get(ValueLayout.JAVA_BYTE, 31)).isEqualTo((byte) 0x40);
    }
  }

  @Test
  void publicKeysOfOtherLengthsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PublicKey.fromBytes(new byte[33]))
        .withMessage("a key is 32 bytes, not 33");
  }

  private static int accepted(java.util.function.Supplier<SecretKey> parse) {
    try {
      parse.get().close();
      return 1;
    } catch (IllegalArgumentException e) {
      return 0;
    }
  }
}
