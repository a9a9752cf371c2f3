package cloud.runbeam.wgagent.engine.cookie;

/**
 * SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012) of exactly 16
 * bytes: a hash whose collisions cannot be found without its key.
 */
final class SipHash {
  private SipHash() {}

  /** The hash of two words under a key of two words, all little-endian. */
  static long hash(long key0, long key1, long word0, long word1) {
    State state = new State(key0, key1);
    state.absorb(word0);
    state.absorb(word1);
    // The last word holds the bytes that are left over, none here, and the length in its top byte.
    state.absorb(16L << 56);
    return state.finish();
  }

  private static final class State {
    private long v0;
    private long v1;
    private long v2;
    private long v3;

    // The constants spell "somepseudorandomlygeneratedbytes", section 2.1 of the paper.
    State(long key0, long key1) {
      v0 = key0 ^ 0x736F6D6570736575L;
      v1 = key1 ^ 0x646F72616E646F6DL;
      v2 = key0 ^ 0x6C7967656E657261L;
      v3 = key1 ^ 0x7465646279746573L;
    }

    void absorb(long word) {
      v3 ^= word;
      round();
      round();
      v0 ^= word;
    }

    long finish() {
      v2 ^= 0xFF;
      round();
      round();
      round();
      round();
      return v0 ^ v1 ^ v2 ^ v3;
    }

    private void round() {
      v0 += v1;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v3;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 += v3;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 += v1;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v2 = Long.rotateLeft(v2, 32);
    }
  }
}
