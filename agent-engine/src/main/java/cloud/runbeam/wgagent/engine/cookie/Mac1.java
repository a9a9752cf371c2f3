package cloud.runbeam.wgagent.engine.cookie;

import cloud.runbeam.wgagent.engine.crypto.Blake2s;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.wire.LittleEndian;
import cloud.runbeam.wgagent.engine.wire.MacLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * {@code mac1 := MAC(HASH("mac1----" || S), message up to mac1)}, where {@code S} is the receiver's
 * public key (WireGuard paper, section 5.4.4). Whoever does not know whom it talks to gets no
 * answer and costs one hash.
 *
 * <p>Allocates nothing once made. Not thread-safe: each thread that verifies has one of its own.
 */
public final class Mac1 {
  /** Section 5.4: LABEL-MAC1. */
  private static final byte[] LABEL = "mac1----".getBytes(StandardCharsets.US_ASCII);

  private final Blake2s mac;
  private final byte[] computed = new byte[MacLayout.MAC_BYTES];
  private final MemorySegment computedBytes = MemorySegment.ofArray(computed);

  /** For messages to the owner of {@code receiver}. */
  public Mac1(PublicKey receiver) {
    mac = Blake2s.mac(Blake2s.hashOf(LABEL, receiver.toBytes()));
  }

  /**
   * Whether the handshake message of {@code length} bytes at {@code offset} carries the right mac1;
   * takes the same time either way.
   */
  public boolean verify(MemorySegment message, long offset, int length) {
    compute(message, offset, length);
    return sameMac(computedBytes, message, offset + MacLayout.mac1(length));
  }

  /** Writes mac1 into the handshake message of {@code length} bytes at {@code offset}. */
  public void write(MemorySegment message, long offset, int length) {
    compute(message, offset, length);
    MemorySegment.copy(
        computed,
        0,
        message,
        ValueLayout.JAVA_BYTE,
        offset + MacLayout.mac1(length),
        MacLayout.MAC_BYTES);
  }

  private void compute(MemorySegment message, long offset, int length) {
    mac.update(message, offset, MacLayout.mac1(length)).finish(computed, 0);
  }

  /**
   * Compares 16 bytes at the start of {@code mac} with those at {@code offset} of {@code message},
   * in the same time whatever they are.
   */
  static boolean sameMac(MemorySegment mac, MemorySegment message, long offset) {
    long difference =
        (mac.get(LittleEndian.LONG, 0) ^ message.get(LittleEndian.LONG, offset))
            | (mac.get(LittleEndian.LONG, 8) ^ message.get(LittleEndian.LONG, offset + 8));
    return difference == 0;
  }
}
