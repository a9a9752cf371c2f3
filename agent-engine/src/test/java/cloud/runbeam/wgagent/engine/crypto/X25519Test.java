package cloud.runbeam.wgagent.engine.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.engine.testkit.LowOrderPoints;
import cloud.runbeam.wgagent.engine.testkit.ScriptedEntropy;
import cloud.runbeam.wgagent.engine.testkit.Seed;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class X25519Test {
  private final KeyArena arena = TestKeys.arena();

  @AfterEach
  void closeArena() {
    arena.close();
  }

  @Test
  void multipliesAsInRfc7748Section52() {
    assertThat(
            product(
                "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
                "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"))
        .isEqualTo("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
    assertThat(
            product(
                "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
                "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"))
        .isEqualTo("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
  }

  @Test
  void iteratesAThousandTimesAsInRfc7748Section52() {
    String k = "0900000000000000000000000000000000000000000000000000000000000000";
    String u = k;
    for (int i = 1; i <= 1_000; i++) {
      String next = product(k, u);
      u = k;
      k = next;
      if (i == 1) {
        assertThat(k).isEqualTo("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
      }
    }
    assertThat(k).isEqualTo("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
  }

  @Test
  void twoPartiesAgreeAsInRfc7748Section61() {
    try (SecretKey alice = key("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
        SecretKey bob = key("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
        SecretKey shared = arena.allocate()) {
      assertThat(alice.publicKey().toHex())
          .isEqualTo("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
      assertThat(bob.publicKey().toHex())
          .isEqualTo("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
      String expected = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
      assertThat(X25519.agree(alice, bob.publicKey(), shared)).isTrue();
      assertThat(hex(shared)).isEqualTo(expected);
      assertThat(X25519.agree(bob, alice.publicKey(), shared)).isTrue();
      assertThat(hex(shared)).isEqualTo(expected);
    }
  }

  @Test
  void agreesWithAnotherImplementation() {
    SplittableRandom random = Seed.random("X25519");
    for (int i = 0; i < 2_000; i++) {
      byte[] scalar = new byte[32];
      byte[] point = new byte[32];
      random.nextBytes(scalar);
      random.nextBytes(point);
      if (i % 4 == 0) {
        // Around p and 2^255, where numbers are written in more than one way.
        Arrays.fill(point, 1, 31, (byte) (random.nextBoolean() ? 0xFF : 0));
        point[31] = (byte) (random.nextBoolean() ? 0x7F : 0xFF);
      }
      byte[] expected = new byte[32];
      boolean usable =
          org.bouncycastle.math.ec.rfc7748.X25519.calculateAgreement(
              scalar, 0, point, 0, expected, 0);
      try (SecretKey key = arena.copyOf(scalar);
          SecretKey shared = arena.allocate()) {
        assertThat(X25519.agree(key, PublicKey.fromBytes(point), shared)).isEqualTo(usable);
        assertThat(hex(shared)).isEqualTo(HexFormat.of().formatHex(expected));
        org.bouncycastle.math.ec.rfc7748.X25519.generatePublicKey(scalar, 0, expected, 0);
        assertThat(key.publicKey()).isEqualTo(PublicKey.fromBytes(expected));
      }
    }
  }

  @Test
  void refusesEveryPointOfLowOrder() {
    try (SecretKey key = TestKeys.privateKey(arena, "alice");
        SecretKey shared = arena.allocate()) {
      for (PublicKey point : LowOrderPoints.ALL) {
        shared.copyFrom(key);
        assertThat(X25519.agree(key, point, shared)).as(point.toHex()).isFalse();
        assertThat(shared.isZero()).isTrue();
      }
    }
  }

  @Test
  void generatesClampedKeysFromEntropyAlone() {
    byte[] drawn = TestKeys.bytes("entropy");
    try (SecretKey key = X25519.generate(arena, new ScriptedEntropy(drawn));
        SecretKey expected = arena.copyOf(drawn)) {
      expected.clamp();
      assertThat(SecretKey.equal(key, expected)).isTrue();
      assertThat((drawn[0] & 7) | (drawn[31] & 0x80)).as("the label needs clamping").isNotZero();
    }
  }

  @Test
  void givesTheSlotBackWhenEntropyFails() {
    EntropySource broken =
        new EntropySource() {
          @Override
          public void fill(MemorySegment target) {
            throw new IllegalStateException("no entropy");
          }

          @Override
          public int nextInt() {
            return 0;
          }
        };
    assertThatThrownBy(() -> X25519.generate(arena, broken)).hasMessage("no entropy");
    assertThat(arena.keysInUse()).isZero();
  }

  private String product(String scalar, String point) {
    try (SecretKey key = key(scalar);
        SecretKey shared = arena.allocate()) {
      assertThat(X25519.agree(key, PublicKey.fromHex(point), shared)).isTrue();
      return hex(shared);
    }
  }

  private SecretKey key(String hex) {
    return arena.copyOf(HexFormat.of().parseHex(hex));
  }

  private static String hex(SecretKey key) {
    return HexFormat.of().formatHex(key.bytes().toArray(ValueLayout.JAVA_BYTE));
  }
}
