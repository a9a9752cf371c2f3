package cloud.runbeam.wgagent.app.selftest;

import static cloud.runbeam.wgagent.app.selftest.CryptographyChecks.require;

import cloud.runbeam.wgagent.engine.crypto.Aead;
import cloud.runbeam.wgagent.engine.crypto.AeadProviders;
import cloud.runbeam.wgagent.engine.crypto.Blake2s;
import cloud.runbeam.wgagent.engine.crypto.Kdf;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.crypto.X25519;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.digests.Blake2sDigest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.HKDFParameters;
import org.bouncycastle.crypto.params.KeyParameter;

/** Our primitives beside Bouncy Castle's, on inputs that follow the seed. */
final class SecondOpinion {
  private static final int HASH_BITS = 256;
  private static final int TAG_BITS = 128;
  private static final int NONCE_BYTES = 12;

  private final KeyArena arena;
  private final SplittableRandom random;
  private final int cases;

  SecondOpinion(KeyArena arena, SplittableRandom random, int cases) {
    this.arena = arena;
    this.random = random;
    this.cases = cases;
  }

  String x25519() throws CheckFailedException {
    byte[] theirs = new byte[SecretKey.BYTES];
    for (int i = 0; i < cases; i++) {
      byte[] scalar = bytes(SecretKey.BYTES);
      byte[] point = bytes(PublicKey.BYTES);
      org.bouncycastle.math.ec.rfc7748.X25519.calculateAgreement(scalar, 0, point, 0, theirs, 0);
      try (SecretKey key = arena.copyOf(scalar);
          SecretKey expected = arena.copyOf(theirs);
          SecretKey shared = arena.allocate()) {
        X25519.agree(key, PublicKey.fromBytes(point), shared);
        require(SecretKey.equal(shared, expected), "Bouncy Castle computes another product");
        org.bouncycastle.math.ec.rfc7748.X25519.generatePublicKey(scalar, 0, theirs, 0);
        require(
            key.publicKey().equals(PublicKey.fromBytes(theirs)),
            "Bouncy Castle computes another public key");
      }
    }
    return "Bouncy Castle agrees on " + cases + " products and public keys";
  }

  String blake2s() throws CheckFailedException {
    for (int i = 0; i < cases; i++) {
      byte[] message = bytes(random.nextInt(300));
      byte[] key = bytes(SecretKey.BYTES);
      byte[] hash = new byte[Blake2s.HASH_BYTES];
      Blake2sDigest digest = new Blake2sDigest(HASH_BITS);
      digest.update(message, 0, message.length);
      digest.doFinal(hash, 0);
      require(
          Arrays.equals(hash, Blake2s.hashOf(message)),
          "Bouncy Castle hashes " + message.length + " bytes to something else");
      byte[] mac = new byte[Blake2s.MAC_BYTES];
      Blake2sDigest keyed = new Blake2sDigest(key, Blake2s.MAC_BYTES, null, null);
      keyed.update(message, 0, message.length);
      keyed.doFinal(mac, 0);
      require(
          Arrays.equals(mac, Blake2s.mac(key).update(message).finish()),
          "Bouncy Castle authenticates " + message.length + " bytes with something else");
    }
    return "Bouncy Castle agrees on " + cases + " digests and MACs";
  }

  String kdf() throws CheckFailedException {
    byte[] derived = new byte[2 * SecretKey.BYTES];
    for (int i = 0; i < cases; i++) {
      byte[] chainingKey = bytes(SecretKey.BYTES);
      byte[] input = bytes(SecretKey.BYTES);
      HKDFBytesGenerator hkdf = new HKDFBytesGenerator(new Blake2sDigest(HASH_BITS));
      hkdf.init(new HKDFParameters(input, chainingKey, new byte[0]));
      hkdf.generateBytes(derived, 0, derived.length);
      try (SecretKey key = arena.copyOf(chainingKey);
          SecretKey one = arena.allocate();
          SecretKey two = arena.allocate();
          SecretKey first = arena.copyOf(Arrays.copyOf(derived, SecretKey.BYTES));
          SecretKey second =
              arena.copyOf(Arrays.copyOfRange(derived, SecretKey.BYTES, derived.length))) {
        Kdf.derive(key, MemorySegment.ofArray(input), one, two);
        require(
            SecretKey.equal(one, first) && SecretKey.equal(two, second),
            "Bouncy Castle derives other keys");
      }
    }
    return "Bouncy Castle agrees on " + cases + " pairs of keys";
  }

  String dataAead() throws CheckFailedException {
    Aead aead = AeadProviders.best().newAead();
    for (int i = 0; i < cases; i++) {
      byte[] keyBytes = bytes(SecretKey.BYTES);
      byte[] text = bytes(random.nextInt(1_500));
      long counter = random.nextLong();
      byte[] theirs = seal(keyBytes, counter, text);
      byte[] ours = new byte[text.length + Aead.TAG_BYTES];
      MemorySegment box = MemorySegment.ofArray(ours);
      try (SecretKey key = arena.copyOf(keyBytes)) {
        aead.seal(key, counter, MemorySegment.ofArray(text), 0, text.length, 0, box, 0);
        require(
            Arrays.equals(ours, theirs), "Bouncy Castle seals " + text.length + " bytes otherwise");
        byte[] opened = new byte[text.length];
        int length = aead.open(key, counter, box, 0, ours.length, MemorySegment.ofArray(opened), 0);
        require(length == text.length && Arrays.equals(opened, text), "it does not open again");
      }
    }
    return "Bouncy Castle agrees on " + cases + " messages";
  }

  private static byte[] seal(byte[] key, long counter, byte[] text) throws CheckFailedException {
    ByteBuffer nonce = ByteBuffer.allocate(NONCE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    nonce.putInt(0).putLong(counter);
    ChaCha20Poly1305 cipher = new ChaCha20Poly1305();
    cipher.init(true, new AEADParameters(new KeyParameter(key), TAG_BITS, nonce.array()));
    byte[] sealed = new byte[cipher.getOutputSize(text.length)];
    int done = cipher.processBytes(text, 0, text.length, sealed, 0);
    try {
      cipher.doFinal(sealed, done);
    } catch (InvalidCipherTextException e) {
      throw new CheckFailedException("Bouncy Castle cannot seal: " + e.getMessage());
    }
    return sealed;
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
