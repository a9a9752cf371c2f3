package cloud.runbeam.wgagent.engine.testkit;

import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import java.util.ArrayList;
import java.util.List;

/**
 * Public keys whose shared secret with everybody is zero (cr.yp.to/ecdh.html, RFC 7748 section
 * 6.1).
 */
public final class LowOrderPoints {
  /** Each in the encodings with and without the top bit, which X25519 ignores. */
  public static final List<PublicKey> ALL = all();

  private LowOrderPoints() {}

  private static List<PublicKey> all() {
    List<PublicKey> points = new ArrayList<>();
    for (String hex :
        List.of(
            // 0 and 1.
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            // The two points of order 8.
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            // p - 1, p and p + 1.
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")) {
      PublicKey point = PublicKey.fromHex(hex);
      points.add(point);
      byte[] withTopBit = point.toBytes();
      withTopBit[31] |= (byte) 0x80;
      points.add(PublicKey.fromBytes(withTopBit));
    }
    return List.copyOf(points);
  }
}
