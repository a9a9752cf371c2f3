package cloud.runbeam.wgagent.engine.offload;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The Internet checksum (RFC 1071): the one's complement of the one's complement sum of 16-bit
 * words.
 *
 * <p>Sums are kept in 64 bits and folded once at the end, and bytes are read as little-endian
 * words, because the sum does not depend on the byte order as long as the result is written back in
 * the same order (RFC 1071, section 2 (B)). A sum may be split anywhere at an even offset.
 */
public final class Checksum {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long LOW_HALF = 0xFFFF_FFFFL;
  private static final int UNROLLED_BYTES = 32;

  private Checksum() {}

  /**
   * Adds {@code bytes} bytes from {@code offset} to {@code sum}; an odd last byte counts as the
   * first byte of a word.
   */
  public static long add(long sum, MemorySegment memory, long offset, int bytes) {
    long first = sum;
    long second = 0;
    long third = 0;
    long fourth = 0;
    int done = 0;
    for (; done <= bytes - UNROLLED_BYTES; done += UNROLLED_BYTES) {
      long a = memory.get(LONG, offset + done);
      long b = memory.get(LONG, offset + done + 8);
      long c = memory.get(LONG, offset + done + 16);
      long d = memory.get(LONG, offset + done + 24);
      first += (a & LOW_HALF) + (a >>> 32);
      second += (b & LOW_HALF) + (b >>> 32);
      third += (c & LOW_HALF) + (c >>> 32);
      fourth += (d & LOW_HALF) + (d >>> 32);
    }
    first += second + third + fourth;
    for (; done <= bytes - Integer.BYTES; done += Integer.BYTES) {
      first += memory.get(INT, offset + done) & LOW_HALF;
    }
    if (done <= bytes - Short.BYTES) {
      first += memory.get(SHORT, offset + done) & 0xFFFFL;
      done += Short.BYTES;
    }
    if (done < bytes) {
      first += memory.get(ValueLayout.JAVA_BYTE, offset + done) & 0xFFL;
    }
    return first;
  }

  /** Adds a 16-bit value that a header would hold in network order. */
  public static long addNetworkShort(long sum, int value) {
    return sum + ((value & 0xFF) << 8 | (value >>> 8 & 0xFF));
  }

  /** Folds a sum to 16 bits; {@code 0xFFFF} for data whose checksum field is right. */
  public static int fold(long sum) {
    long folded = (sum & LOW_HALF) + (sum >>> 32);
    folded = (folded & 0xFFFF) + (folded >>> 16);
    folded = (folded & 0xFFFF) + (folded >>> 16);
    folded = (folded & 0xFFFF) + (folded >>> 16);
    return (int) folded;
  }

  /** Writes the complement of the folded sum to a header's checksum field. */
  public static void store(MemorySegment memory, long offset, long sum) {
    memory.set(SHORT, offset, (short) ~fold(sum));
  }

  /**
   * Writes the folded sum itself: the form in which a checksum is left for somebody else to
   * complete.
   */
  public static void storePartial(MemorySegment memory, long offset, long sum) {
    memory.set(SHORT, offset, (short) fold(sum));
  }

  /** The sum of the pseudo header of TCP and UDP (RFC 9293 section 3.1, RFC 8200 section 8.1). */
  public static long pseudoHeader(
      MemorySegment memory, long ipOffset, boolean ipv6, int protocol, int transportBytes) {
    long sum =
        ipv6
            ? add(0, memory, ipOffset + 8, 2 * 16)
            : add(0, memory, ipOffset + 12, 2 * Integer.BYTES);
    return addNetworkShort(addNetworkShort(sum, protocol), transportBytes);
  }
}
