package cloud.runbeam.wgagent.engine.path;

import java.util.Arrays;
import java.util.Comparator;

/**
 * Whether a delivered packet is the one that was sent. Joining and cutting may number IPv4 packets
 * anew and move the push flag; with them go the checksums, which the agent has verified.
 */
final class FrameComparison {
  static final Comparator<byte[]> BYTES =
      Comparator.comparing(FrameComparison::essence, Arrays::compare);

  private FrameComparison() {}

  private static byte[] essence(byte[] packet) {
    byte[] copy = packet.clone();
    boolean ipv6 = (copy[0] & 0xF0) == 0x60;
    int transport = ipv6 ? 40 : 20;
    if (!ipv6) {
      Arrays.fill(copy, 4, 6, (byte) 0);
      Arrays.fill(copy, 10, 12, (byte) 0);
    }
    int protocol = copy[ipv6 ? 6 : 9];
    if (protocol == 6 && copy.length >= transport + 20) {
      copy[transport + 13] &= ~0x08;
      Arrays.fill(copy, transport + 16, transport + 18, (byte) 0);
    } else if (protocol == 17 && copy.length >= transport + 8) {
      Arrays.fill(copy, transport + 6, transport + 8, (byte) 0);
    }
    return copy;
  }
}
