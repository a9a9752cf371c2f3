package cloud.runbeam.wgagent.engine.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Vectors of draft-irtf-cfrg-xchacha-03. */
class XChaCha20Poly1305Test {
  private final KeyArena arena = TestKeys.arena();

  @AfterEach
  void closeArena() {
    arena.close();
  }

  @Test
  void derivesTheSubkeyOfSection221() {
    byte[] nonce = hex("000000090000004a0000000031415927" + "0000000000000000");
    try (SecretKey key =
            arena.copyOf(hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
        SecretKey subkey = XChaCha20Poly1305.subkey(arena, key, MemorySegment.ofArray(nonce))) {
      assertThat(HexFormat.of().formatHex(subkey.bytes().toArray(ValueLayout.JAVA_BYTE)))
          .isEqualTo("82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc");
    }
  }

  @Test
  void sealsAndOpensTheTextOfAppendixA31() {
    MemorySegment nonce =
        MemorySegment.ofArray(hex("404142434445464748494a4b4c4d4e4f5051525354555657"));
    byte[] data = hex("50515253c0c1c2c3c4c5c6c7");
    byte[] plaintext =
        ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the"
                + " future, sunscreen would be it.")
            .getBytes(US_ASCII);
    byte[] expected =
        hex(
            "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
                + "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
                + "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
                + "21f9664c97637da9768812f615c68b13b52e"
                + "c0875924c1c7987947deafd8780acf49");
    try (SecretKey key =
        arena.copyOf(hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"))) {
      assertThat(XChaCha20Poly1305.seal(arena, key, nonce, data, plaintext)).isEqualTo(expected);
      byte[] opened = new byte[plaintext.length];
      assertThat(XChaCha20Poly1305.open(arena, key, nonce, data, expected, opened)).isTrue();
      assertThat(opened).isEqualTo(plaintext);
      assertThat(arena.keysInUse()).as("subkeys are given back").isEqualTo(1);
    }
  }

  @Test
  void refusesAnotherNonceInEitherPart() {
    byte[] nonce = new byte[24];
    byte[] data = new byte[16];
    byte[] opened = new byte[16];
    try (SecretKey key = TestKeys.secret(arena, "cookie")) {
      byte[] sealed =
          XChaCha20Poly1305.seal(arena, key, MemorySegment.ofArray(nonce), data, new byte[16]);
      for (int i = 0; i < nonce.length; i++) {
        byte[] other = nonce.clone();
        other[i] ^= 1;
        assertThat(
                XChaCha20Poly1305.open(
                    arena, key, MemorySegment.ofArray(other), data, sealed, opened))
            .as("byte %d", i)
            .isFalse();
      }
    }
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }
}
