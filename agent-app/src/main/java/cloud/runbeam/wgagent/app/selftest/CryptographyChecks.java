package cloud.runbeam.wgagent.app.selftest;

import cloud.runbeam.wgagent.engine.crypto.AeadProviders;
import cloud.runbeam.wgagent.engine.crypto.Blake2s;
import cloud.runbeam.wgagent.engine.crypto.HandshakeAead;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.crypto.X25519;
import cloud.runbeam.wgagent.engine.crypto.XChaCha20Poly1305;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;

/**
 * What the protocol is built of, against published vectors and then against Bouncy Castle, which
 * shares no line with ours. The keys here are published or made from the seed: no secrets.
 */
final class CryptographyChecks {
  private static final String GROUP = "cryptography";
  private static final int RANDOM_CASES = 32;

  private final PlatformPlugin platform;
  private final long seed;

  CryptographyChecks(PlatformPlugin platform, long seed) {
    this.platform = platform;
    this.seed = seed;
  }

  void run(CheckRun run) {
    try (KeyArena arena = new KeyArena(platform.memoryGuard(), 16)) {
      run.require(GROUP, "X25519", () -> x25519(arena));
      run.require(GROUP, "X25519 low order", () -> lowOrder(arena));
      run.require(GROUP, "BLAKE2s", CryptographyChecks::blake2s);
      run.require(GROUP, "ChaCha20-Poly1305", () -> chaCha20Poly1305(arena));
      run.require(GROUP, "XChaCha20-Poly1305", () -> xChaCha20Poly1305(arena));
      SecondOpinion other = new SecondOpinion(arena, new SplittableRandom(seed), RANDOM_CASES);
      run.require(GROUP, "X25519, 2nd opinion", other::x25519);
      run.require(GROUP, "BLAKE2s, 2nd opinion", other::blake2s);
      run.require(GROUP, "KDF, 2nd opinion", other::kdf);
      run.require(GROUP, "data AEAD, 2nd opinion", other::dataAead);
    }
    run.prefer(GROUP, "data AEAD in use", CryptographyChecks::providerInUse);
  }

  private static String x25519(KeyArena arena) throws CheckFailedException {
    multiplies(
        arena,
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
    multiplies(
        arena,
        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
    return "the vectors of RFC 7748, section 5.2";
  }

  private static void multiplies(KeyArena arena, String scalar, String point, String product)
      throws CheckFailedException {
    try (SecretKey key = arena.copyOf(hex(scalar));
        SecretKey expected = arena.copyOf(hex(product));
        SecretKey shared = arena.allocate()) {
      X25519.agree(key, PublicKey.fromHex(point), shared);
      require(SecretKey.equal(shared, expected), "another product than in RFC 7748, section 5.2");
    }
  }

  private static String lowOrder(KeyArena arena) throws CheckFailedException {
    try (SecretKey key = arena.allocate();
        SecretKey shared = arena.allocate()) {
      key.clamp();
      for (int u = 0; u <= 1; u++) {
        byte[] point = new byte[PublicKey.BYTES];
        point[0] = (byte) u;
        require(
            !X25519.agree(key, PublicKey.fromBytes(point), shared) && shared.isZero(),
            "the point " + u + " was accepted: a shared secret that everybody knows");
      }
      return "refused, as RFC 7748, section 6.1, asks";
    }
  }

  private static String blake2s() throws CheckFailedException {
    byte[] digest = Blake2s.hashOf("abc".getBytes(StandardCharsets.US_ASCII));
    require(
        Arrays.equals(
            digest, hex("508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982")),
        "another digest than in RFC 7693, appendix B");
    return "the vector of RFC 7693, appendix B";
  }

  /** RFC 8439, appendix A.5: its nonce has four leading zero bytes, as all of WireGuard's have. */
  private static String chaCha20Poly1305(KeyArena arena) throws CheckFailedException {
    byte[] text =
        ("Internet-Drafts are draft documents valid for a maximum of six months and may be updated,"
                + " replaced, or obsoleted by other documents at any time. It is inappropriate to"
                + " use Internet-Drafts as reference material or to cite them other than as"
                + " /\u201cwork in progress./\u201d")
            .getBytes(StandardCharsets.UTF_8);
    byte[] tag = hex("eead9d67890cbb22392336fea1851f38");
    byte[] sealed = new byte[text.length + tag.length];
    MemorySegment data = MemorySegment.ofArray(hex("f33388860000000000004e91"));
    MemorySegment box = MemorySegment.ofArray(sealed);
    long counter = 0x0807060504030201L;
    try (SecretKey key =
        arena.copyOf(hex("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0"))) {
      HandshakeAead.seal(key, counter, data, MemorySegment.ofArray(text), box, 0);
      require(
          Arrays.equals(sealed, text.length, sealed.length, tag, 0, tag.length),
          "another tag than in RFC 8439, appendix A.5");
      byte[] opened = new byte[text.length];
      require(
          HandshakeAead.open(key, counter, data, box, MemorySegment.ofArray(opened))
              && Arrays.equals(opened, text),
          "what was sealed does not open");
      sealed[0] ^= 1;
      require(
          !HandshakeAead.open(key, counter, data, box, MemorySegment.ofArray(opened)),
          "a changed message was accepted");
      return "the vector of RFC 8439, appendix A.5; a changed message is refused";
    }
  }

  /** draft-irtf-cfrg-xchacha-03, appendix A.3.1. */
  private static String xChaCha20Poly1305(KeyArena arena) throws CheckFailedException {
    MemorySegment nonce =
        MemorySegment.ofArray(hex("404142434445464748494a4b4c4d4e4f5051525354555657"));
    byte[] text =
        ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the"
                + " future, sunscreen would be it.")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] tag = hex("c0875924c1c7987947deafd8780acf49");
    try (SecretKey key =
        arena.copyOf(hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"))) {
      byte[] sealed =
          XChaCha20Poly1305.seal(arena, key, nonce, hex("50515253c0c1c2c3c4c5c6c7"), text);
      require(
          Arrays.equals(sealed, text.length, sealed.length, tag, 0, tag.length),
          "another tag than in draft-irtf-cfrg-xchacha-03");
      return "the vector of draft-irtf-cfrg-xchacha-03";
    }
  }

  private static String providerInUse() throws CheckFailedException {
    String name = AeadProviders.best().name();
    if (AeadProviders.fallbackReason().isPresent()) {
      throw new CheckFailedException(name + ": " + AeadProviders.fallbackReason().get());
    }
    return name + ", which passed its own test on this processor";
  }

  static void require(boolean holds, String otherwise) throws CheckFailedException {
    if (!holds) {
      throw new CheckFailedException(otherwise);
    }
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }
}
