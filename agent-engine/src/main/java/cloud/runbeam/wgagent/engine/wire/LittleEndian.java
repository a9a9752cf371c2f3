package cloud.runbeam.wgagent.engine.wire;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** How numbers stand in WireGuard messages (paper, section 5.4): little-endian, at any address. */
public final class LittleEndian {
  /** 32 bits. */
  public static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** 64 bits. */
  public static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private LittleEndian() {}
}
