package cloud.runbeam.wgagent.engine.peer;

import cloud.runbeam.wgagent.engine.cookie.CookieGenerator;
import cloud.runbeam.wgagent.engine.counters.DropCounters;
import cloud.runbeam.wgagent.engine.counters.PacketCounter;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.noise.Handshake;
import cloud.runbeam.wgagent.engine.session.KeypairSlots;
import cloud.runbeam.wgagent.engine.timer.PeerTimers;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One peer of one device.
 *
 * <p>The conductor owns the peer: it alone changes handshake, keypair slots and timers' slow half.
 * The outbound and inbound threads read {@link #keypairs} and {@link #endpoint}, write counters of
 * their own, and {@linkplain #ask ask} the conductor for everything else.
 */
public final class Peer {
  private static final VarHandle ATTENTION;
  private static final VarHandle ENDPOINT;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      ATTENTION = lookup.findVarHandle(Peer.class, "attention", int.class);
      ENDPOINT = lookup.findVarHandle(Peer.class, "endpoint", Endpoint.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final PublicKey publicKey;
  private final Handshake handshake;
  private final CookieGenerator macs;
  private final PeerTimers timers;
  private final KeypairSlots keypairs = new KeypairSlots();
  private final StagedPackets staged = new StagedPackets();
  private final DropCounters drops = new DropCounters();
  private final Runnable lookAtMe;

  // Any thread, atomically.
  @SuppressWarnings("unused") // through ATTENTION
  private int attention;

  // Written by whoever authenticated the newest message (inbound thread, conductor) or was told by
  // the operator (conductor). The last
  // writer wins, which is what roaming means (paper, section 2.1); readers see a complete endpoint
  // because it is immutable.
  private volatile @Nullable Endpoint endpoint;

  // Outbound thread.
  private final PacketCounter sentByOutbound = new PacketCounter();

  // Inbound thread.
  private final PacketCounter received = new PacketCounter();
  private final PacketCounter endpointMoves = new PacketCounter();
  private final ReceiveQuality receiveQuality = new ReceiveQuality();

  // Conductor.
  private final PacketCounter sentByConductor = new PacketCounter();
  private final PacketCounter handshakesReceived = new PacketCounter();
  private final PacketCounter endpointMovesByHandshake = new PacketCounter();
  private final HandshakeLog handshakeLog = new HandshakeLog();
  private volatile boolean presharedKeySet;

  /** A peer without endpoint or session. */
  public Peer(
      PublicKey publicKey,
      Handshake handshake,
      CookieGenerator macs,
      PeerTimers timers,
      Runnable lookAtMe) {
    this.publicKey = publicKey;
    this.handshake = handshake;
    this.macs = macs;
    this.timers = timers;
    this.lookAtMe = lookAtMe;
  }

  /** The peer's identity. */
  public PublicKey publicKey() {
    return publicKey;
  }

  /** Handshake state; conductor only. */
  public Handshake handshake() {
    return handshake;
  }

  /** Adds MACs to what is sent to the peer, and keeps its cookie; conductor only. */
  public CookieGenerator macs() {
    return macs;
  }

  /** Timers; its class says which methods belong to which thread. */
  public PeerTimers timers() {
    return timers;
  }

  /** Previous, current and next keypair. */
  public KeypairSlots keypairs() {
    return keypairs;
  }

  /** Whether the operator wants the session kept up. Any thread. */
  public boolean hasPersistentKeepalive() {
    return timers.persistentKeepaliveSeconds() > 0;
  }

  /** Frames that wait for a session. */
  public StagedPackets staged() {
    return staged;
  }

  /** Losses of this peer; any thread. */
  public DropCounters drops() {
    return drops;
  }

  /** Transport messages the outbound thread sent. */
  public PacketCounter sentByOutbound() {
    return sentByOutbound;
  }

  /** Messages the conductor sent: handshakes, keepalives, staged packets. */
  public PacketCounter sentByConductor() {
    return sentByConductor;
  }

  /** Authenticated transport messages; inbound thread. */
  public PacketCounter received() {
    return received;
  }

  /** Loss, reordering and duplication of what the peer sends; inbound thread. */
  public ReceiveQuality receiveQuality() {
    return receiveQuality;
  }

  /** Authenticated handshake messages; conductor. */
  public PacketCounter handshakesReceived() {
    return handshakesReceived;
  }

  /** What the conductor remembers of handshakes for those who watch. */
  public HandshakeLog handshakeLog() {
    return handshakeLog;
  }

  /** Where packets go, or null if nobody said and the peer never called. Any thread. */
  public @Nullable Endpoint endpoint() {
    return endpoint;
  }

  /** Sets where packets go; conductor, on an operator's word. */
  public void setEndpoint(Endpoint newEndpoint) {
    endpoint = newEndpoint;
  }

  /**
   * Follows the peer to where its last authenticated transport message came from; inbound thread.
   */
  public void roamTo(Endpoint newEndpoint) {
    Endpoint before = endpoint;
    if (before != null && !before.sameRemote(newEndpoint)) {
      endpointMoves.add(1, 0);
    }
    endpoint = newEndpoint;
  }

  /** As {@link #roamTo}, to where its last authenticated handshake message came from; conductor. */
  public void roamByHandshakeTo(Endpoint newEndpoint) {
    Endpoint before = endpoint;
    if (before != null && !before.sameRemote(newEndpoint)) {
      endpointMovesByHandshake.add(1, 0);
    }
    endpoint = newEndpoint;
  }

  /** How often the peer was followed to another remote address. */
  public long endpointMoves() {
    return endpointMoves.packets() + endpointMovesByHandshake.packets();
  }

  /**
   * Leaves the choice of the local address to the routing table again; a peer that roams at the
   * same moment stays where it went. Any thread.
   */
  public void forgetSource() {
    Endpoint before = endpoint;
    if (before != null) {
      ENDPOINT.compareAndSet(this, before, before.withoutSource());
    }
  }

  /** Whether a preshared key is set. Any thread. */
  public boolean hasPresharedKey() {
    return presharedKeySet;
  }

  /** Sets the preshared key, all zero bytes for none; conductor. The key is copied and closed. */
  public void setPresharedKey(SecretKey key) {
    presharedKeySet = !key.isZero();
    handshake.setPresharedKey(key);
    key.close();
  }

  /**
   * Asks the conductor for what {@code bits} of {@link Attention} say. Any thread; one read when it
   * was asked already, volatile so that it does not overtake the write that the conductor is to
   * see.
   */
  public void ask(int bits) {
    if (((int) ATTENTION.getVolatile(this) & bits) == bits) {
      return; // whoever set them has the conductor look, and it has not taken them yet
    }
    ATTENTION.getAndBitwiseOr(this, bits);
    lookAtMe.run();
  }

  /** Takes what was asked; conductor, when it looks at the peer. */
  public int takeAttention() {
    return (int) ATTENTION.getAndSet(this, 0);
  }
}
