package cloud.runbeam.wgagent.platform.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One message from the kernel, header and body. Attributes are found by walking; one whose length
 * does not fit ends the walk.
 */
final class NetlinkMessage {
  private static final int ATTRIBUTE_HEADER_BYTES = 4;
  // The upper bits of an attribute's type say how its value is encoded.
  private static final int ATTRIBUTE_TYPE_MASK = 0x3FFF;

  private final int type;
  private final int flags;
  private final int sequence;
  private final byte[] body;

  private NetlinkMessage(int type, int flags, int sequence, byte[] body) {
    this.type = type;
    this.flags = flags;
    this.sequence = sequence;
    this.body = body;
  }

  /** The messages in {@code bytes}, which one {@code recv} brought; a torn last one is left out. */
  static List<NetlinkMessage> parse(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    List<NetlinkMessage> messages = new ArrayList<>();
    int at = 0;
    while (bytes.length - at >= Rtnetlink.HEADER_BYTES) {
      int length = buffer.getInt(at);
      if (length < Rtnetlink.HEADER_BYTES || length > bytes.length - at) {
        break;
      }
      messages.add(
          new NetlinkMessage(
              Short.toUnsignedInt(buffer.getShort(at + 4)),
              Short.toUnsignedInt(buffer.getShort(at + 6)),
              buffer.getInt(at + 8),
              Arrays.copyOfRange(bytes, at + Rtnetlink.HEADER_BYTES, at + length)));
      // Aligned to 4; past the end ends the loop. No overflow: length is at most bytes.length.
      at += Math.min((length + 3) & -4, bytes.length - at);
    }
    return messages;
  }

  /** {@code nlmsg_type}. */
  int type() {
    return type;
  }

  /** {@code nlmsg_flags}. */
  int flags() {
    return flags;
  }

  /** {@code nlmsg_seq}: that of the request it answers, 0 for an event. */
  int sequence() {
    return sequence;
  }

  /** The 32-bit number at {@code offset} of the body, 0 when the body is shorter. */
  int intAt(int offset) {
    return body.length - offset >= Integer.BYTES ? buffer().getInt(offset) : 0;
  }

  /** The unsigned byte at {@code offset} of the body, 0 when the body is shorter. */
  int byteAt(int offset) {
    return offset < body.length ? Byte.toUnsignedInt(body[offset]) : 0;
  }

  /** The value of the first attribute of that type behind the {@code fixedBytes} of the body. */
  Optional<byte[]> attribute(int fixedBytes, int attribute) {
    return find(body, fixedBytes, attribute);
  }

  /** The same for a 32-bit value; empty also when it has another length. */
  OptionalInt intAttribute(int fixedBytes, int attribute) {
    return attribute(fixedBytes, attribute).map(NetlinkMessage::toInt).orElse(OptionalInt.empty());
  }

  /** The same for text. */
  Optional<String> textAttribute(int fixedBytes, int attribute) {
    return attribute(fixedBytes, attribute).map(NetlinkMessage::toText);
  }

  /** The 32-bit attribute {@code inner} nested in the attribute {@code outer}. */
  OptionalInt nestedInt(int fixedBytes, int outer, int inner) {
    return attribute(fixedBytes, outer)
        .flatMap(nested -> find(nested, 0, inner))
        .map(NetlinkMessage::toInt)
        .orElse(OptionalInt.empty());
  }

  /** Of an {@code NLMSG_ERROR}: the error number, positive; 0 is an acknowledgement. */
  int errno() {
    return -intAt(0);
  }

  /** Of an {@code NLMSG_ERROR}: the kernel's own words, where it has any (extended ACK). */
  Optional<String> errorText() {
    if ((flags & Rtnetlink.NLM_F_ACK_TLVS) == 0) {
      return Optional.empty();
    }
    // Behind the error number stands the request's header, and its body unless capped.
    int echoed = intAt(Integer.BYTES);
    boolean capped = (flags & Rtnetlink.NLM_F_CAPPED) != 0;
    int echoedBytes = capped || echoed < 0 ? Rtnetlink.HEADER_BYTES : (echoed + 3) & -4;
    return textAttribute(Integer.BYTES + echoedBytes, Rtnetlink.NLMSGERR_ATTR_MSG);
  }

  private ByteBuffer buffer() {
    return ByteBuffer.wrap(body).order(ByteOrder.nativeOrder());
  }

  private static Optional<byte[]> find(byte[] bytes, int from, int attribute) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    int at = from;
    while (at >= 0 && bytes.length - at >= ATTRIBUTE_HEADER_BYTES) {
      int length = Short.toUnsignedInt(buffer.getShort(at));
      if (length < ATTRIBUTE_HEADER_BYTES || length > bytes.length - at) {
        return Optional.empty();
      }
      if ((buffer.getShort(at + 2) & ATTRIBUTE_TYPE_MASK) == attribute) {
        return Optional.of(Arrays.copyOfRange(bytes, at + ATTRIBUTE_HEADER_BYTES, at + length));
      }
      at += (length + 3) & -4;
    }
    return Optional.empty();
  }

  private static OptionalInt toInt(byte[] value) {
    return value.length == Integer.BYTES
        ? OptionalInt.of(ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getInt())
        : OptionalInt.empty();
  }

  private static String toText(byte[] value) {
    int end = 0;
    while (end < value.length && value[end] != 0) {
      end++;
    }
    return new String(value, 0, end, StandardCharsets.UTF_8);
  }
}
