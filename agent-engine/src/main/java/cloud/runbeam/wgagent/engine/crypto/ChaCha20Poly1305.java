package cloud.runbeam.wgagent.engine.crypto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * AEAD_CHACHA20_POLY1305 (RFC 8439 section 2.8) in plain Java with additional data: for handshakes
 * and cookies, whose few bytes are sealed a few times a minute, and as the twin that faster
 * providers are compared with.
 *
 * <p>What it saves is not time but copies: every array that held key material is ours and is wiped
 * before return.
 */
final class ChaCha20Poly1305 {
  static final int STATE_WORDS = 16;
  static final int BLOCK_BYTES = 64;

  /** Word of the state in which the key starts, section 2.3. */
  static final int KEY_WORD = 4;

  /** Word of the state that counts blocks. */
  static final int BLOCK_COUNTER_WORD = 12;

  /** Last two words of the nonce, where WireGuard has its counter; the first, 13, is zero. */
  static final int COUNTER_LOW_WORD = 14;

  static final int COUNTER_HIGH_WORD = 15;

  /** A column round and a diagonal round each. */
  private static final int DOUBLE_ROUNDS = 10;

  /** "expand 32-byte k" in four little-endian words. */
  private static final int[] CONSTANTS = {0x61707865, 0x3320646E, 0x79622D32, 0x6B206574};

  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle ARRAY_WORD =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle ARRAY_LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private ChaCha20Poly1305() {}

  /** Sets {@code state} up for block 0 under {@code key} and the nonce {@code 0 || counter}. */
  static void initialize(int[] state, SecretKey key, long counter) {
    System.arraycopy(CONSTANTS, 0, state, 0, CONSTANTS.length);
    // Not a loop: the compiler would make it a vector copy, and registers that hold a whole key are
    // saved on the thread's stack when it is interrupted.
    MemorySegment bytes = key.bytes();
    putTwoWords(state, KEY_WORD, bytes.get(LONG, 0));
    putTwoWords(state, KEY_WORD + 2, bytes.get(LONG, 8));
    putTwoWords(state, KEY_WORD + 4, bytes.get(LONG, 16));
    putTwoWords(state, KEY_WORD + 6, bytes.get(LONG, 24));
    state[BLOCK_COUNTER_WORD] = 0;
    state[BLOCK_COUNTER_WORD + 1] = 0;
    state[COUNTER_LOW_WORD] = (int) counter;
    state[COUNTER_HIGH_WORD] = (int) (counter >>> 32);
  }

  private static void putTwoWords(int[] state, int at, long words) {
    state[at] = (int) words;
    state[at + 1] = (int) (words >>> 32);
  }

  /**
   * Seals {@code plaintext} and returns ciphertext and tag.
   *
   * @param counter upper 64 bits of the nonce, the others are zero
   */
  static byte[] seal(SecretKey key, long counter, byte[] additionalData, byte[] plaintext) {
    byte[] output = Arrays.copyOf(plaintext, plaintext.length + Aead.TAG_BYTES);
    int[] state = new int[STATE_WORDS];
    try {
      initialize(state, key, counter);
      Poly1305 authenticator = authenticator(state);
      applyKeystream(state, output, plaintext.length);
      authenticate(authenticator, additionalData, output, plaintext.length);
      authenticator.finish(output, plaintext.length);
      return output;
    } finally {
      Arrays.fill(state, 0);
    }
  }

  /**
   * Opens {@code ciphertext}, tag included.
   *
   * @param plaintext receives {@code ciphertext.length - 16} bytes; untouched if the result is
   *     false
   * @return whether the bytes authenticate
   */
  static boolean open(
      SecretKey key, long counter, byte[] additionalData, byte[] ciphertext, byte[] plaintext) {
    int length = ciphertext.length - Aead.TAG_BYTES;
    if (length < 0) {
      return false;
    }
    int[] state = new int[STATE_WORDS];
    byte[] tag = new byte[Aead.TAG_BYTES];
    try {
      initialize(state, key, counter);
      Poly1305 authenticator = authenticator(state);
      authenticate(authenticator, additionalData, ciphertext, length);
      authenticator.finish(tag, 0);
      if (!sameTag(tag, 0, ciphertext, length)) {
        return false;
      }
      System.arraycopy(ciphertext, 0, plaintext, 0, length);
      applyKeystream(state, plaintext, length);
      return true;
    } finally {
      Arrays.fill(state, 0);
    }
  }

  /** Compares two tags in the same time whatever they are. */
  static boolean sameTag(byte[] left, int leftOffset, byte[] right, int rightOffset) {
    long difference =
        ((long) ARRAY_LONG.get(left, leftOffset) ^ (long) ARRAY_LONG.get(right, rightOffset))
            | ((long) ARRAY_LONG.get(left, leftOffset + 8)
                ^ (long) ARRAY_LONG.get(right, rightOffset + 8));
    return difference == 0;
  }

  /** The first half of block 0 is the key of the authenticator, section 2.6. */
  private static Poly1305 authenticator(int[] state) {
    byte[] block = new byte[BLOCK_BYTES];
    keystreamBlock(state, block);
    Poly1305 authenticator = new Poly1305();
    authenticator.start(block, 0);
    Arrays.fill(block, (byte) 0);
    return authenticator;
  }

  /** Encrypts or decrypts {@code data[0..length)} with the blocks from 1 on. */
  private static void applyKeystream(int[] state, byte[] data, int length) {
    byte[] block = new byte[BLOCK_BYTES];
    for (int start = 0; start < length; start += BLOCK_BYTES) {
      state[BLOCK_COUNTER_WORD]++;
      keystreamBlock(state, block);
      int bytes = Math.min(BLOCK_BYTES, length - start);
      for (int i = 0; i < bytes; i++) {
        data[start + i] ^= block[i];
      }
    }
    Arrays.fill(block, (byte) 0);
  }

  /** Section 2.3: {@code words} become {@code state} after twenty rounds, plus {@code state}. */
  static void mix(int[] state, int[] words) {
    System.arraycopy(state, 0, words, 0, STATE_WORDS);
    for (int i = 0; i < DOUBLE_ROUNDS; i++) {
      quarterRound(words, 0, 4, 8, 12);
      quarterRound(words, 1, 5, 9, 13);
      quarterRound(words, 2, 6, 10, 14);
      quarterRound(words, 3, 7, 11, 15);
      quarterRound(words, 0, 5, 10, 15);
      quarterRound(words, 1, 6, 11, 12);
      quarterRound(words, 2, 7, 8, 13);
      quarterRound(words, 3, 4, 9, 14);
    }
    for (int i = 0; i < STATE_WORDS; i++) {
      words[i] += state[i];
    }
  }

  /** Section 2.1. */
  private static void quarterRound(int[] x, int a, int b, int c, int d) {
    x[a] += x[b];
    x[d] = Integer.rotateLeft(x[d] ^ x[a], 16);
    x[c] += x[d];
    x[b] = Integer.rotateLeft(x[b] ^ x[c], 12);
    x[a] += x[b];
    x[d] = Integer.rotateLeft(x[d] ^ x[a], 8);
    x[c] += x[d];
    x[b] = Integer.rotateLeft(x[b] ^ x[c], 7);
  }

  private static void keystreamBlock(int[] state, byte[] block) {
    int[] words = new int[STATE_WORDS];
    mix(state, words);
    for (int i = 0; i < STATE_WORDS; i++) {
      ARRAY_WORD.set(block, i * Integer.BYTES, words[i]);
    }
    Arrays.fill(words, 0);
  }

  /**
   * Feeds what section 2.8 authenticates: data and ciphertext, each padded to whole blocks, and
   * their lengths.
   */
  private static void authenticate(
      Poly1305 authenticator, byte[] additionalData, byte[] ciphertext, int length) {
    int paddedData = roundUp(additionalData.length);
    int paddedText = roundUp(length);
    byte[] input = new byte[paddedData + paddedText + Poly1305.BLOCK_BYTES];
    System.arraycopy(additionalData, 0, input, 0, additionalData.length);
    System.arraycopy(ciphertext, 0, input, paddedData, length);
    ARRAY_LONG.set(input, paddedData + paddedText, (long) additionalData.length);
    ARRAY_LONG.set(input, paddedData + paddedText + Long.BYTES, (long) length);
    authenticator.update(input, 0, input.length);
    Arrays.fill(input, (byte) 0);
  }

  static int roundUp(int bytes) {
    return (bytes + Poly1305.BLOCK_BYTES - 1) & -Poly1305.BLOCK_BYTES;
  }
}
