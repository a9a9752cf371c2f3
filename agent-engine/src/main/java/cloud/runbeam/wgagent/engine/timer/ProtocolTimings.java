package cloud.runbeam.wgagent.engine.timer;

import java.util.concurrent.TimeUnit;

/**
 * The protocol's times, in nanoseconds.
 *
 * <p>The table in section 6.1 of the WireGuard paper (Donenfeld, "WireGuard: Next Generation Kernel
 * Network Tunnel"):
 *
 * <pre>
 *   Symbol                 Value
 *   Rekey-After-Messages   2^60 messages              SendCounter.REKEY_AFTER_MESSAGES
 *   Reject-After-Messages  2^64 - 2^13 - 1 messages   SendCounter.REJECT_AFTER_MESSAGES
 *   Rekey-After-Time       120 seconds
 *   Reject-After-Time      180 seconds
 *   Rekey-Attempt-Time     90 seconds
 *   Rekey-Timeout          5 seconds
 *   Keepalive-Timeout      10 seconds
 * </pre>
 *
 * <p>Where the paper leaves a value open, the Linux kernel's is taken
 * (drivers/net/wireguard/messages.h and timers.c), because peers are used to it; each such constant
 * says so.
 */
public final class ProtocolTimings {
  // From the paper, section 6.1.

  /**
   * "Rekey-After-Time: 120 seconds": an initiator that sends with older keys starts a handshake
   * (section 6.2).
   */
  public static final long REKEY_AFTER_TIME_NS = TimeUnit.SECONDS.toNanos(120);

  /** "Reject-After-Time: 180 seconds": older keys neither send nor receive (section 6.2). */
  public static final long REJECT_AFTER_TIME_NS = TimeUnit.SECONDS.toNanos(180);

  /**
   * "Rekey-Attempt-Time: 90 seconds": how long initiations are repeated before giving up (section
   * 6.4).
   */
  public static final long REKEY_ATTEMPT_TIME_NS = TimeUnit.SECONDS.toNanos(90);

  /** "Rekey-Timeout: 5 seconds": between two initiations (section 6.4), jitter added. */
  public static final long REKEY_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);

  /**
   * "Keepalive-Timeout: 10 seconds": after receiving data, how long there may be silence before an
   * empty message answers (section 6.5).
   */
  public static final long KEEPALIVE_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);

  /**
   * Session and ephemeral keys are wiped after "Reject-After-Time x 3" without new ones (section
   * 6.3).
   */
  public static final long ZERO_KEYS_AFTER_NS = 3 * REJECT_AFTER_TIME_NS;

  /**
   * Data was sent and nothing came back for "Keepalive-Timeout + Rekey-Timeout": a new handshake
   * (section 6.5), jitter added.
   */
  public static final long NEW_HANDSHAKE_AFTER_NS = KEEPALIVE_TIMEOUT_NS + REKEY_TIMEOUT_NS;

  /**
   * An initiator that receives data under keys older than "Reject-After-Time - Keepalive-Timeout -
   * Rekey-Timeout" starts a handshake, so that an exchange in which it only listens does not break
   * off (section 6.2).
   */
  public static final long REKEY_AFTER_TIME_RECEIVING_NS =
      REJECT_AFTER_TIME_NS - KEEPALIVE_TIMEOUT_NS - REKEY_TIMEOUT_NS;

  // From the kernel.

  /**
   * Jitter is below a third of a second (REKEY_TIMEOUT_JITTER_MAX_JIFFIES = HZ / 3); the paper
   * gives no figure for it.
   */
  public static final long JITTER_MAX_NS = TimeUnit.SECONDS.toNanos(1) / 3;

  /**
   * Initiations in a row before giving up: as many as fit into Rekey-Attempt-Time. The kernel
   * starts from the same 90 / 5 (MAX_TIMER_HANDSHAKES) but compares after counting, and so sends
   * two more.
   */
  public static final int MAX_HANDSHAKE_ATTEMPTS =
      Math.toIntExact(REKEY_ATTEMPT_TIME_NS / REKEY_TIMEOUT_NS);

  /**
   * Packets of a peer that may wait for its handshake (MAX_STAGED_PACKETS); the oldest gives way.
   */
  public static final int MAX_STAGED_PACKETS = 128;

  private ProtocolTimings() {}
}
