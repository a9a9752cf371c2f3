package cloud.runbeam.wgagent.engine.offload;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChecksumTest {
  private static final long SEED = 20261123L;

  @Test
  void sumsTheExampleOfRfc1071() {
    // RFC 1071, section 3: the words 0001 f203 f4f5 f6f7 sum to ddf2 with the carries added.
    byte[] words = {0, 1, (byte) 0xF2, 3, (byte) 0xF4, (byte) 0xF5, (byte) 0xF6, (byte) 0xF7};

    int folded = Checksum.fold(Checksum.add(0, MemorySegment.ofArray(words), 0, words.length));

    assertThat(Integer.reverseBytes(folded) >>> 16).isEqualTo(0xDDF2);
  }

  @Test
  void agreesWithTheNaiveSumForEveryLengthAndAlignment() {
    Random random = new Random(SEED);
    byte[] bytes = new byte[1600];
    random.nextBytes(bytes);
    MemorySegment memory = MemorySegment.ofArray(bytes);
    for (int length = 0; length < 1500; length += 1 + random.nextInt(7)) {
      int offset = random.nextInt(64);

      int folded = Checksum.fold(Checksum.add(0, memory, offset, length));

      int naive = InnerPackets.naiveSum(bytes, offset, offset + length, 0);
      assertThat(Integer.reverseBytes(folded) >>> 16)
          .as("length %d at %d, seed %d", length, offset, SEED)
          .isEqualTo(naive);
    }
  }

  @Test
  void sumsTheLargestPacketOfOnesWithoutLosingACarry() {
    byte[] ones = new byte[65_535];
    java.util.Arrays.fill(ones, (byte) 0xFF);

    int folded = Checksum.fold(Checksum.add(0, MemorySegment.ofArray(ones), 0, ones.length));

    assertThat(Integer.reverseBytes(folded) >>> 16)
        .isEqualTo(InnerPackets.naiveSum(ones, 0, ones.length, 0));
  }
}
