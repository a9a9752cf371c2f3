package cloud.runbeam.wgagent.engine.session;

import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The two transport keys of one session with their counters (paper, section 5.4.5), identified on
 * the wire by an index at either end.
 *
 * <pre>
 *   initiator:  made (confirmed) ---------------------------> current
 *   responder:  made (unconfirmed), next ---first message---> current
 *   both:       current ---a newer one---> previous ---> retired ---both packet threads moved on---> closed
 * </pre>
 *
 * <p>The conductor makes, retires and closes keypairs; packet threads find them through {@link
 * KeypairSlots} or the index table, whose acquire makes all final fields and the keys visible.
 * Nothing here checks that a keypair is still open on every packet: whoever closes knows that no
 * packet thread can still hold it.
 */
public final class Keypair implements AutoCloseable {
  private static final VarHandle CONFIRMED;
  private static final VarHandle SENDING_STOPPED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      CONFIRMED = lookup.findVarHandle(Keypair.class, "confirmed", boolean.class);
      SENDING_STOPPED = lookup.findVarHandle(Keypair.class, "sendingStopped", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int localIndex;
  private final int remoteIndex;
  private final SecretKey sendKey;
  private final SecretKey receiveKey;
  private final boolean initiator;
  private final long createdNs;
  private final SendCounter sendCounter = new SendCounter();

  // The inbound thread.
  private final ReplayWindow replayWindow = new ReplayWindow();
  private boolean confirmed;

  // The conductor.
  private boolean sendingStopped;

  /**
   * A keypair that owns its keys from now on. An initiator's is confirmed at once: the response
   * proved that the peer has the keys.
   *
   * @param localIndex the receiver index of messages to us
   * @param remoteIndex the receiver index of messages to the peer
   * @param sendKey seals what we send
   * @param receiveKey opens what we receive
   * @param initiator whether we sent the initiation
   * @param createdNs when the handshake completed, by the monotonic clock
   */
  public Keypair(
      int localIndex,
      int remoteIndex,
      SecretKey sendKey,
      SecretKey receiveKey,
      boolean initiator,
      long createdNs) {
    this.localIndex = localIndex;
    this.remoteIndex = remoteIndex;
    this.sendKey = sendKey;
    this.receiveKey = receiveKey;
    this.initiator = initiator;
    this.createdNs = createdNs;
    this.confirmed = initiator;
  }

  /** The index under which the peer addresses this session. */
  public int localIndex() {
    return localIndex;
  }

  /** The index under which the peer knows this session. */
  public int remoteIndex() {
    return remoteIndex;
  }

  /** Seals what we send. */
  public SecretKey sendKey() {
    return sendKey;
  }

  /** Opens what we receive. */
  public SecretKey receiveKey() {
    return receiveKey;
  }

  /** Whether we sent the initiation; only the initiator renews a session for its age. */
  public boolean initiator() {
    return initiator;
  }

  /** Nanoseconds since the handshake completed. */
  public long ageNs(long nowNs) {
    return nowNs - createdNs;
  }

  /** Numbers what we send. */
  public SendCounter sendCounter() {
    return sendCounter;
  }

  /** Refuses what was received before. The inbound thread only. */
  public ReplayWindow replayWindow() {
    return replayWindow;
  }

  /**
   * Notes that the peer has proved to hold the keys: a message opened with them. Called by the
   * inbound thread once {@link ReplayWindow#accept} said yes.
   *
   * @return true the first time, when the conductor has to be told to let it send ({@link
   *     KeypairSlots#confirm})
   */
  public boolean confirm() {
    if (isConfirmed()) {
      return false;
    }
    CONFIRMED.setRelease(this, true);
    return true;
  }

  /** Whether the peer has proved to hold the keys. Any thread. */
  public boolean isConfirmed() {
    return (boolean) CONFIRMED.getAcquire(this);
  }

  /**
   * Forbids sending while receiving goes on: the identity changed and a new handshake is wanted.
   * The conductor only.
   */
  public void stopSending() {
    SENDING_STOPPED.setOpaque(this, true);
  }

  /**
   * Whether this keypair may number and seal messages, apart from its age. Any thread; a stop is
   * seen within a batch.
   */
  public boolean maySend() {
    return !(boolean) SENDING_STOPPED.getOpaque(this) && !sendCounter.isExhausted();
  }

  /**
   * Wipes both keys. The conductor only, after both packet threads passed a quiescent point.
   * Further calls do nothing.
   */
  @Override
  public void close() {
    sendKey.close();
    receiveKey.close();
  }

  /** The indexes; never the keys. */
  @Override
  public String toString() {
    return "Keypair[local="
        + Integer.toHexString(localIndex)
        + ", remote="
        + Integer.toHexString(remoteIndex)
        + (initiator ? ", initiator]" : ", responder]");
  }
}
