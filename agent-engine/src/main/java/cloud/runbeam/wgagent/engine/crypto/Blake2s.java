package cloud.runbeam.wgagent.engine.crypto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.bouncycastle.crypto.digests.Blake2sDigest;
import org.jspecify.annotations.Nullable;

/**
 * BLAKE2s (RFC 7693): {@code HASH} with 32 bytes of output and, keyed, {@code MAC} with 16
 * (WireGuard paper, section 5.4).
 *
 * <p>Input is streamed in; finishing resets to the start, key included, so that one object serves
 * many messages. Not thread-safe.
 */
public final class Blake2s {
  /** Length of {@code HASH} in bytes. */
  public static final int HASH_BYTES = 32;

  /** Length of {@code MAC} in bytes. */
  public static final int MAC_BYTES = 16;

  /** Input block in bytes; HMAC pads its key to it. */
  static final int BLOCK_BYTES = 64;

  private final Blake2sDigest digest;

  /** Off-heap input passes through here, a piece at a time; allocated when first needed. */
  private byte[] piece = new byte[0];

  private Blake2s(Blake2sDigest digest) {
    this.digest = digest;
  }

  /** {@code HASH}: no key, 32 bytes of output. */
  public static Blake2s hash() {
    return of(HASH_BYTES, null);
  }

  /**
   * {@code MAC}: keyed, 16 bytes of output.
   *
   * @param key 1 to 32 bytes; copied into the object, where {@link #forgetKey} wipes it
   */
  public static Blake2s mac(byte[] key) {
    return of(MAC_BYTES, key);
  }

  /**
   * BLAKE2s with any parameters of RFC 7693: 1 to 32 bytes of output, a key of up to 32 bytes or
   * none.
   */
  static Blake2s of(int digestBytes, byte @Nullable [] key) {
    return new Blake2s(new Blake2sDigest(key, digestBytes, null, null));
  }

  /** {@code HASH} of the concatenation of {@code parts}. */
  public static byte[] hashOf(byte[]... parts) {
    Blake2s hash = hash();
    for (byte[] part : parts) {
      hash.update(part);
    }
    return hash.finish();
  }

  /** Appends to the input. */
  public Blake2s update(byte[] input) {
    digest.update(input, 0, input.length);
    return this;
  }

  /** Appends to the input. */
  public Blake2s update(byte[] input, int offset, int length) {
    digest.update(input, offset, length);
    return this;
  }

  /** Appends to the input; the copy made on the way is wiped. */
  public Blake2s update(MemorySegment input, long offset, long length) {
    if (piece.length == 0) {
      piece = new byte[BLOCK_BYTES];
    }
    for (long done = 0; done < length; done += BLOCK_BYTES) {
      int bytes = (int) Math.min(BLOCK_BYTES, length - done);
      MemorySegment.copy(input, ValueLayout.JAVA_BYTE, offset + done, piece, 0, bytes);
      digest.update(piece, 0, bytes);
    }
    Arrays.fill(piece, (byte) 0);
    return this;
  }

  /** The digest of everything since the start or the last finish. */
  public byte[] finish() {
    byte[] output = new byte[digest.getDigestSize()];
    digest.doFinal(output, 0);
    return output;
  }

  /** As {@link #finish()}, into {@code output} from {@code offset} on. */
  public void finish(byte[] output, int offset) {
    digest.doFinal(output, offset);
  }

  /** Wipes the key; only for an object that is not used again. */
  public void forgetKey() {
    digest.clearKey();
    digest.reset();
  }
}
