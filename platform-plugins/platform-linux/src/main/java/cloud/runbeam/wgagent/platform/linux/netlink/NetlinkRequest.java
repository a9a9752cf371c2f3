package cloud.runbeam.wgagent.platform.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * One request, built front to back: header, fixed part, attributes.
 *
 * <pre>
 *    0       4     6     8         12      16
 *   |length |type |flags|sequence |port 0 |fixed part |attribute|attribute|...
 *
 *   attribute:  |length 16|type 16|value|padding to 4|
 * </pre>
 */
final class NetlinkRequest {
  private static final int CAPACITY_BYTES = 512;
  private static final int ATTRIBUTE_HEADER_BYTES = 4;

  private final ByteBuffer bytes =
      ByteBuffer.allocate(CAPACITY_BYTES).order(ByteOrder.nativeOrder());
  private final int type;
  private final int flags;

  private NetlinkRequest(int type, int flags, int fixedBytes) {
    this.type = type;
    this.flags = flags | Rtnetlink.NLM_F_REQUEST;
    bytes.position(Rtnetlink.HEADER_BYTES + fixedBytes);
  }

  /** A request about links, of {@code struct ifinfomsg}; {@code index} 0 where a name follows. */
  static NetlinkRequest link(int type, int flags, int index) {
    NetlinkRequest request = new NetlinkRequest(type, flags, Rtnetlink.IFINFO_BYTES);
    request.bytes.putInt(Rtnetlink.HEADER_BYTES + Rtnetlink.IFINFO_INDEX, index);
    return request;
  }

  /** A request about addresses, of {@code struct ifaddrmsg}. */
  static NetlinkRequest address(int type, int flags, int family, int prefixLength, int index) {
    NetlinkRequest request = new NetlinkRequest(type, flags, Rtnetlink.IFADDR_BYTES);
    request
        .bytes
        .put(Rtnetlink.HEADER_BYTES, (byte) family)
        .put(Rtnetlink.HEADER_BYTES + Rtnetlink.IFADDR_PREFIX_LENGTH, (byte) prefixLength)
        .putInt(Rtnetlink.HEADER_BYTES + Rtnetlink.IFADDR_INDEX, index);
    return request;
  }

  /** A request about routes, of {@code struct rtmsg}; the table goes into an attribute. */
  static NetlinkRequest route(
      int type, int flags, int family, int destinationLength, int protocol, int scope, int kind) {
    NetlinkRequest request = new NetlinkRequest(type, flags, Rtnetlink.ROUTE_BYTES);
    request
        .bytes
        .put(Rtnetlink.HEADER_BYTES, (byte) family)
        .put(Rtnetlink.HEADER_BYTES + Rtnetlink.ROUTE_DESTINATION_LENGTH, (byte) destinationLength)
        .put(Rtnetlink.HEADER_BYTES + Rtnetlink.ROUTE_TABLE, (byte) Rtnetlink.RT_TABLE_UNSPEC)
        .put(Rtnetlink.HEADER_BYTES + Rtnetlink.ROUTE_TABLE + 1, (byte) protocol)
        .put(Rtnetlink.HEADER_BYTES + Rtnetlink.ROUTE_TABLE + 2, (byte) scope)
        .put(Rtnetlink.HEADER_BYTES + Rtnetlink.ROUTE_TABLE + 3, (byte) kind);
    return request;
  }

  /** A request about rules, of {@code struct fib_rule_hdr}; the table goes into an attribute. */
  static NetlinkRequest rule(int type, int flags, int family, int action, int ruleFlags) {
    NetlinkRequest request = new NetlinkRequest(type, flags, Rtnetlink.RULE_BYTES);
    request
        .bytes
        .put(Rtnetlink.HEADER_BYTES, (byte) family)
        .put(Rtnetlink.HEADER_BYTES + Rtnetlink.RULE_ACTION, (byte) action)
        .putInt(Rtnetlink.HEADER_BYTES + Rtnetlink.RULE_FLAGS, ruleFlags);
    return request;
  }

  /** Sets {@code ifi_flags} of a link request, and which of them are meant. */
  NetlinkRequest linkFlags(int values, int mask) {
    bytes.putInt(Rtnetlink.HEADER_BYTES + Rtnetlink.IFINFO_FLAGS, values);
    bytes.putInt(Rtnetlink.HEADER_BYTES + Rtnetlink.IFINFO_FLAGS + Integer.BYTES, mask);
    return this;
  }

  /** Sets {@code rtm_flags} of a route request. */
  NetlinkRequest routeFlags(int flagBits) {
    bytes.putInt(Rtnetlink.HEADER_BYTES + Rtnetlink.ROUTE_FLAGS, flagBits);
    return this;
  }

  /** Adds a 32-bit attribute in host order. */
  NetlinkRequest put(int attribute, int value) {
    header(attribute, Integer.BYTES);
    bytes.putInt(value);
    return this;
  }

  /** Adds an attribute that holds one 32-bit attribute. */
  NetlinkRequest putNested(int outer, int inner, int value) {
    header(outer, ATTRIBUTE_HEADER_BYTES + Integer.BYTES);
    return put(inner, value);
  }

  /** Adds an attribute of bytes. */
  NetlinkRequest put(int attribute, byte[] value) {
    header(attribute, value.length);
    bytes.put(value);
    pad();
    return this;
  }

  /** Adds an attribute of text with its terminating zero. */
  NetlinkRequest put(int attribute, String value) {
    byte[] text = value.getBytes(StandardCharsets.US_ASCII);
    header(attribute, text.length + 1);
    bytes.put(text).put((byte) 0);
    pad();
    return this;
  }

  /** The request as it goes into the socket; no more attributes after this. */
  byte[] encode(int sequence) {
    bytes
        .putInt(0, bytes.position())
        .putShort(4, (short) type)
        .putShort(6, (short) flags)
        .putInt(8, sequence);
    byte[] encoded = new byte[bytes.position()];
    bytes.get(0, encoded);
    return encoded;
  }

  private void header(int attribute, int valueBytes) {
    bytes.putShort((short) (ATTRIBUTE_HEADER_BYTES + valueBytes)).putShort((short) attribute);
  }

  private void pad() {
    bytes.position((bytes.position() + 3) & -4);
  }
}
