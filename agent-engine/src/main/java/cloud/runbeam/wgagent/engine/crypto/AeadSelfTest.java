package cloud.runbeam.wgagent.engine.crypto;

import cloud.runbeam.wgagent.engine.io.MemoryGuard;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Proves on this JVM and processor that a provider computes what RFC 8439 says, before a packet
 * depends on it: the portable code against the published vector, then the provider against the
 * portable code at the lengths where block handling changes.
 */
final class AeadSelfTest {
  // RFC 8439, appendix A.5: its nonce has four leading zero bytes, as all of WireGuard's have.
  private static final byte[] KEY =
      HexFormat.of().parseHex("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0");
  private static final long COUNTER = 0x0807060504030201L;
  private static final byte[] ADDITIONAL_DATA = HexFormat.of().parseHex("f33388860000000000004e91");
  private static final byte[] PLAINTEXT =
      ("Internet-Drafts are draft documents valid for a maximum of six months and may be updated,"
              + " replaced, or obsoleted by other documents at any time. It is inappropriate to use"
              + " Internet-Drafts as reference material or to cite them other than as"
              + " /\u201cwork in progress./\u201d")
          .getBytes(StandardCharsets.UTF_8);
  private static final byte[] TAG = HexFormat.of().parseHex("eead9d67890cbb22392336fea1851f38");

  /**
   * Around Poly1305's block, ChaCha20's block, what the vector code makes at once, and a full
   * packet.
   */
  private static final int[] LENGTHS = {0, 1, 16, 63, 64, 65, 192, 193, 960, 961, 1_420};

  private AeadSelfTest() {}

  /** Why {@code provider} must not be used, or null. */
  static @Nullable String failure(AeadProvider provider) {
    try (KeyArena arena = new KeyArena(PublishedKeys.GUARD, 1);
        SecretKey key = arena.copyOf(KEY)) {
      byte[] sealed = ChaCha20Poly1305.seal(key, COUNTER, ADDITIONAL_DATA, PLAINTEXT);
      if (!Arrays.equals(sealed, PLAINTEXT.length, sealed.length, TAG, 0, TAG.length)) {
        return "the portable code fails RFC 8439 appendix A.5";
      }
      Aead aead = provider.newAead();
      for (int length : LENGTHS) {
        if (!agrees(aead, key, length)) {
          return provider.name() + " disagrees with RFC 8439 at " + length + " bytes";
        }
      }
      return null;
    } catch (LinkageError e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      return cause.getClass().getSimpleName() + ": " + cause.getMessage();
    } catch (IllegalStateException e) {
      return e.getMessage();
    }
  }

  private static boolean agrees(Aead aead, SecretKey key, int length) {
    byte[] plaintext = new byte[length];
    for (int i = 0; i < length; i++) {
      plaintext[i] = PLAINTEXT[i % PLAINTEXT.length];
    }
    byte[] expected = ChaCha20Poly1305.seal(key, length, new byte[0], plaintext);
    byte[] sealed = new byte[expected.length];
    MemorySegment sealedBytes = MemorySegment.ofArray(sealed);
    aead.seal(key, length, MemorySegment.ofArray(plaintext), 0, length, 0, sealedBytes, 0);
    if (!Arrays.equals(expected, sealed)) {
      return false;
    }
    byte[] opened = new byte[length];
    MemorySegment openedBytes = MemorySegment.ofArray(opened);
    if (aead.open(key, length, sealedBytes, 0, sealed.length, openedBytes, 0) != length
        || !Arrays.equals(plaintext, opened)) {
      return false;
    }
    sealed[sealed.length - 1] ^= 1;
    return aead.open(key, length, sealedBytes, 0, sealed.length, openedBytes, 0) == -1;
  }

  /** The key of a published vector is no secret. */
  private enum PublishedKeys implements MemoryGuard {
    GUARD;

    @Override
    public Optional<String> protect(MemorySegment memory) {
      return Optional.empty();
    }

    @Override
    public void release(MemorySegment memory) {
      // Nothing was protected.
    }
  }
}
