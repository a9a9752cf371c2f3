package cloud.runbeam.wgagent.engine.counters;

/**
 * Every way to lose a packet. Each loss is counted under exactly one reason, for the peer where it
 * is known, otherwise for the device.
 */
public enum DropReason {
  // Outbound, in the order of the path.

  /** Read from the TUN device but neither IPv4 nor IPv6, or shorter than its header says. */
  MALFORMED_INNER_PACKET,
  /** No peer's allowed IPs contain the destination. */
  NO_PEER_FOR_DESTINATION,
  /** The peer has no endpoint, so there is nowhere to send a handshake. */
  NO_ENDPOINT,
  /**
   * A message of this device to the peer's endpoint, routed into the tunnel to that very peer: the
   * route to the endpoint has to avoid the tunnel.
   */
  ROUTING_LOOP,
  /** Waited for a handshake and was pushed out by newer packets: the staging queue is full. */
  STAGING_OVERFLOW,
  /** Waited for a handshake that was given up after 90 seconds, or whose peer was removed. */
  HANDSHAKE_GAVE_UP,
  /** No buffer left in the pool. */
  POOL_EXHAUSTED,
  /** The send counter reached REJECT_AFTER_MESSAGES or the key REJECT_AFTER_TIME. */
  KEYPAIR_EXPIRED,
  /** The device is down: no socket is open. */
  DEVICE_DOWN,
  /** The kernel knows no route to the endpoint. */
  ENDPOINT_UNREACHABLE,
  /** The socket's buffer or the network device's queue was full. */
  SOCKET_BUFFER_FULL,
  /** The sealed packet is larger than the path to the endpoint allows. */
  DATAGRAM_TOO_LARGE,
  /** A firewall or policy of this host refused the datagram. */
  SEND_REFUSED,
  /** The kernel refused the datagram for another reason. */
  SEND_FAILED,

  // Inbound, in the order of the path.

  /**
   * Shorter than any message, of unknown type, with reserved bits set, or not of its type's exact
   * length.
   */
  MALFORMED_MESSAGE,
  /** The receiver index belongs to no session or handshake. */
  UNKNOWN_INDEX,
  /** MAC1 does not prove knowledge of our public key. */
  INVALID_MAC1,
  /** Under load, MAC2 is missing or wrong; a cookie was sent instead. */
  COOKIE_REQUIRED,
  /** The source address sends handshakes faster than allowed. */
  RATE_LIMITED,
  /** The queue to the conductor is full. */
  HANDSHAKE_QUEUE_FULL,
  /** A handshake message does not authenticate or carries a degenerate key. */
  INVALID_HANDSHAKE,
  /** The initiator's static key belongs to no peer. */
  UNKNOWN_PEER,
  /**
   * While our key is being rotated: a peer that has a session under the new key initiated under the
   * former one; answering would take the session back.
   */
  SUPERSEDED_IDENTITY,
  /** The initiation's TAI64N is not newer than the last one. */
  REPLAYED_INITIATION,
  /** The peer initiates more often than every 20 ms. */
  INITIATION_FLOOD,
  /** A cookie reply that answers nothing we sent or does not authenticate. */
  INVALID_COOKIE_REPLY,
  /** A transport message does not authenticate. */
  AUTHENTICATION_FAILED,
  /** The counter was seen before or is behind the window. */
  REPLAYED_COUNTER,
  /** Sealed with a key older than REJECT_AFTER_TIME or a counter past REJECT_AFTER_MESSAGES. */
  EXPIRED_KEY_USED,
  /** The decrypted content is neither IPv4 nor IPv6, or its length field exceeds it. */
  MALFORMED_INNER_CONTENT,
  /** The inner source address is not among the allowed IPs of the peer that sent it. */
  SOURCE_NOT_ALLOWED,
  /** The TUN device did not take the packet. */
  TUN_WRITE_FAILED
}
