package cloud.runbeam.wgagent.engine.offload;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Where the fields of TCP and UDP headers stand that segmentation touches.
 *
 * <pre>
 *  TCP (RFC 9293, section 3.1)                      UDP (RFC 768)
 *  | source port    | destination port |  0         | source port | destination port |  0
 *  | sequence number                   |  4         | length      | checksum         |  4
 *  | acknowledgment number             |  8
 *  |offs|    |flags | window           | 12
 *  | checksum       | urgent pointer   | 16
 *  | options ...                       | 20
 * </pre>
 */
final class TransportHeader {
  static final int PROTOCOL_TCP = 6;
  static final int PROTOCOL_UDP = 17;

  static final int TCP_BYTES = 20;
  static final int TCP_SEQUENCE = 4;
  static final int TCP_ACKNOWLEDGMENT = 8;
  static final int TCP_DATA_OFFSET = 12;
  static final int TCP_FLAGS = 13;
  static final int TCP_CHECKSUM = 16;

  static final int TCP_FLAG_FIN = 0x01;
  static final int TCP_FLAG_PSH = 0x08;
  static final int TCP_FLAG_ACK = 0x10;
  static final int TCP_FLAG_CWR = 0x80;

  static final int UDP_BYTES = 8;
  static final int UDP_LENGTH = 4;
  static final int UDP_CHECKSUM = 6;

  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private TransportHeader() {}
}
