package cloud.runbeam.wgagent.engine.peer;

import cloud.runbeam.wgagent.engine.session.Keypair;
import cloud.runbeam.wgagent.engine.session.SendCounter;
import cloud.runbeam.wgagent.engine.timer.ProtocolTimings;

/**
 * When a keypair may be used and when it should be renewed (WireGuard paper, sections 6.1 and 6.2).
 * Pure functions.
 */
public final class SessionLimits {
  private SessionLimits() {}

  /** Whether a message may be sealed with {@code keypair}, its counter permitting. */
  public static boolean maySend(Keypair keypair, long nowNs) {
    return keypair.ageNs(nowNs) < ProtocolTimings.REJECT_AFTER_TIME_NS && keypair.maySend();
  }

  /** Whether a message with this counter may be opened with {@code keypair}. */
  public static boolean mayReceive(Keypair keypair, long counter, long nowNs) {
    return keypair.ageNs(nowNs) < ProtocolTimings.REJECT_AFTER_TIME_NS
        && Long.compareUnsigned(counter, SendCounter.REJECT_AFTER_MESSAGES) < 0;
  }

  /**
   * Whether sending with {@code keypair} should begin a new handshake: too many messages, or too
   * old and ours to renew.
   */
  public static boolean wantsRekeyAfterSending(Keypair keypair, long nowNs) {
    return keypair.sendCounter().wantsRekey()
        || (keypair.initiator() && keypair.ageNs(nowNs) >= ProtocolTimings.REKEY_AFTER_TIME_NS);
  }

  /**
   * Whether receiving with {@code keypair} should begin a new handshake: it is ours to renew and
   * about to end.
   */
  public static boolean wantsRekeyAfterReceiving(Keypair keypair, long nowNs) {
    return keypair.initiator()
        && keypair.ageNs(nowNs) >= ProtocolTimings.REKEY_AFTER_TIME_RECEIVING_NS;
  }
}
