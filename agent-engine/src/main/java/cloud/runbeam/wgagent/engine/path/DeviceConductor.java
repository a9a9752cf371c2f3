package cloud.runbeam.wgagent.engine.path;

import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.memory.PacketBuffer;
import cloud.runbeam.wgagent.engine.noise.Handshake;
import cloud.runbeam.wgagent.engine.noise.LocalIdentity;
import cloud.runbeam.wgagent.engine.peer.Attention;
import cloud.runbeam.wgagent.engine.peer.Peer;
import cloud.runbeam.wgagent.engine.peer.SessionLimits;
import cloud.runbeam.wgagent.engine.session.Keypair;
import cloud.runbeam.wgagent.engine.session.SendCounter;
import cloud.runbeam.wgagent.engine.timer.PeerTimers;
import cloud.runbeam.wgagent.engine.timer.TimerWheel;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The slow half of one device: peers, sockets, sessions, timers. Conductor thread only, but for
 * {@link #peers} and the getters below it.
 *
 * <pre>
 *   messages of strangers ──▶ Handshaker ──▶ keypair ──▶ slots, index table ──▶ staged packets leave
 *   peers that ask        ──▶ lookAt()  ──▶ staged packets | initiation | promotion of the next keypair
 *   deadlines             ──▶ lookAt()  ──▶ keepalive | retry | give up | wipe
 * </pre>
 */
public final class DeviceConductor {
  private static final int MESSAGES_PER_ROUND = 32;

  private final TunDevice tun;
  private final DeviceTables tables;
  private final DeviceSockets sockets;
  private final TransportSender sender;
  private final HandshakeQueue handshakes;
  private final RetiredKeypairs retired;
  private final TimerWheel<PeerDesk> wheel;
  private final ConductorWaker waker;
  private final Map<PublicKey, PeerDesk> desks = new LinkedHashMap<>();
  private final Handshaker handshaker;
  private final Identities identities;

  private boolean linkUp;

  // Written here, read by snapshots.
  private volatile List<Peer> peers = List.of();

  DeviceConductor(
      TunDevice tun,
      DeviceTables tables,
      DeviceSockets sockets,
      TransportSender sender,
      HandshakeQueue handshakes,
      RetiredKeypairs retired,
      ConductorAgent conductor,
      Identities identities,
      Handshaker handshaker) {
    this.tun = tun;
    this.tables = tables;
    this.sockets = sockets;
    this.sender = sender;
    this.handshakes = handshakes;
    this.retired = retired;
    this.wheel = conductor.wheel();
    this.identities = identities;
    this.handshaker = handshaker;
    this.waker = conductor.waker();
  }

  /** Does once what the first handshake would otherwise wait for; before the first link event. */
  public void rehearse() {
    handshaker.rehearse();
  }

  // Rounds of the conductor.

  boolean work(long nowNs) {
    int did = 0;
    HandshakeQueue.Message message = null;
    while (did < MESSAGES_PER_ROUND && (message = handshakes.poll()) != null) {
      handshaker.receive(this, message, nowNs);
      message.content().close();
      did++;
    }
    retired.wipePassed();
    return did > 0;
  }

  boolean hasWork() {
    return !handshakes.isEmpty();
  }

  /** Handshake messages that wait for the conductor. Any thread. */
  public int queuedHandshakes() {
    return handshakes.size();
  }

  boolean hasRetiredKeypairs() {
    return retired.isWaiting();
  }

  void flush() {
    sender.flush();
  }

  /** The peer asked to be looked at, or a deadline of its timers has come. */
  void lookAt(PeerDesk desk, long nowNs) {
    int wanted = desk.peer().takeAttention();
    if (wanted != 0) {
      attend(desk, wanted, nowNs);
    }
    timerDue(desk, nowNs);
    reschedule(desk);
  }

  private void attend(PeerDesk desk, int wanted, long nowNs) {
    if ((wanted & Attention.KEYPAIR_CONFIRMED) != 0) {
      confirmNext(desk, nowNs);
    }
    if ((wanted & Attention.PACKETS_STAGED) != 0) {
      sendStaged(desk, nowNs);
    }
    if ((wanted & Attention.HANDSHAKE_WANTED) != 0) {
      handshaker.initiate(desk, false, nowNs);
    }
    if ((wanted & Attention.LAST_MINUTE_HANDSHAKE) != 0 && !desk.lastMinuteBegun()) {
      desk.setLastMinuteBegun(true);
      handshaker.initiate(desk, false, nowNs);
    }
  }

  /**
   * The peer proved that it has the keypair we answered with: it becomes current (paper, section
   * 6.3).
   */
  private void confirmNext(PeerDesk desk, long nowNs) {
    Peer peer = desk.peer();
    Keypair next = peer.keypairs().next();
    if (next == null || !next.isConfirmed()) {
      return;
    }
    peer.keypairs().confirm(next).forEach(this::retire);
    if (next.maySend()) {
      // Otherwise it is of an identity that was replaced, and the handshake under way is still
      // wanted.
      peer.timers().handshakeComplete();
    }
    desk.setLastMinuteBegun(false);
    sendStaged(desk, nowNs);
  }

  // Timers.

  private void timerDue(PeerDesk desk, long nowNs) {
    PeerTimers timers = desk.peer().timers();
    int due = timers.due(nowNs);
    if ((due & PeerTimers.ZERO_KEYS) != 0) {
      forgetSession(desk);
    }
    if ((due & PeerTimers.GIVE_UP) != 0) {
      desk.peer().handshakeLog().gaveUp();
      giveUp(desk);
    }
    if ((due & PeerTimers.RETRY_HANDSHAKE) != 0) {
      desk.peer().forgetSource();
      handshaker.initiate(desk, true, nowNs);
    }
    if ((due & PeerTimers.NEW_HANDSHAKE) != 0) {
      desk.peer().forgetSource();
      handshaker.initiate(desk, false, nowNs);
    }
    if ((due & (PeerTimers.SEND_KEEPALIVE | PeerTimers.PERSISTENT_KEEPALIVE)) != 0) {
      sendKeepalive(desk, nowNs);
    }
  }

  void reschedule(PeerDesk desk) {
    long deadlineNs = desk.peer().timers().nextDeadlineNs();
    if (deadlineNs == TimerWheel.NONE) {
      wheel.cancel(desk.timer());
    } else {
      wheel.schedule(desk.timer(), deadlineNs);
    }
  }

  private static void giveUp(PeerDesk desk) {
    Peer peer = desk.peer();
    int lost = peer.staged().discard();
    if (lost > 0) {
      peer.drops().add(DropReason.HANDSHAKE_GAVE_UP, lost);
    }
  }

  // Sending.

  /**
   * Sends an empty transport message, or what waits instead; begins a handshake where there is no
   * session.
   */
  void sendKeepalive(PeerDesk desk, long nowNs) {
    Peer peer = desk.peer();
    if (!peer.staged().isEmpty()) {
      sendStaged(desk, nowNs);
      return;
    }
    Endpoint endpoint = peer.endpoint();
    Keypair keypair = sendable(peer, nowNs);
    if (keypair == null || endpoint == null) {
      handshaker.initiate(desk, false, nowNs);
      return;
    }
    long counter = keypair.sendCounter().reserve(1);
    if (counter != SendCounter.EXHAUSTED) {
      sender.seal(peer, endpoint, keypair, counter, sender.messageMemory(0), 0, 0, tun.mtuBytes());
      peer.timers().keepaliveSent(nowNs);
      peer.timers().authenticatedPacketTraversal(nowNs);
    }
  }

  /** Sends what waited for a session, or begins the handshake that brings one. */
  void sendStaged(PeerDesk desk, long nowNs) {
    Peer peer = desk.peer();
    Keypair keypair = sendable(peer, nowNs);
    Endpoint endpoint = peer.endpoint();
    if (keypair == null || endpoint == null) {
      if (!peer.staged().isEmpty()) {
        handshaker.initiate(desk, false, nowNs);
      }
      return;
    }
    PacketBuffer frame = peer.staged().poll();
    if (frame == null) {
      return;
    }
    while (frame != null) {
      try (PacketBuffer waiting = frame) {
        sendFrame(peer, keypair, endpoint, waiting);
      }
      frame = peer.staged().poll();
    }
    PeerTimers timers = peer.timers();
    timers.authenticatedPacketSent();
    timers.authenticatedPacketTraversal(nowNs);
    timers.dataSent(nowNs);
  }

  private void sendFrame(Peer peer, Keypair keypair, Endpoint endpoint, PacketBuffer frame) {
    int packets =
        sender.sealFrame(
            peer, endpoint, keypair, frame.memory(), 0, frame.length(), tun.mtuBytes());
    if (packets <= 0) {
      peer.drops()
          .count(packets < 0 ? DropReason.MALFORMED_INNER_PACKET : DropReason.KEYPAIR_EXPIRED);
    }
  }

  private static @Nullable Keypair sendable(Peer peer, long nowNs) {
    Keypair keypair = peer.keypairs().toSend();
    return keypair != null && SessionLimits.maySend(keypair, nowNs) ? keypair : null;
  }

  // Peers.

  /** The peer's desk, or null if there is no such peer. */
  public @Nullable PeerDesk desk(PublicKey publicKey) {
    return desks.get(publicKey);
  }

  /** The handshake of the peer with this key, or null. */
  @Nullable Handshake handshakeOf(PublicKey publicKey) {
    PeerDesk desk = desks.get(publicKey);
    return desk == null ? null : desk.peer().handshake();
  }

  /** The desks of all peers, in the order in which they were added. */
  public Collection<PeerDesk> desks() {
    return desks.values();
  }

  /** The peers as last published, in the order in which they were added. Any thread. */
  public List<Peer> peers() {
    return peers;
  }

  /** Lets others see which peers there are now. */
  public void publishPeers() {
    peers = desks.values().stream().map(PeerDesk::peer).toList();
  }

  /** Adds a peer without endpoint, prefixes or session. */
  public PeerDesk add(PublicKey publicKey) {
    PeerDesk desk =
        new PeerDesk(
            this,
            wheel,
            waker,
            lookAtMe ->
                new Peer(
                    publicKey,
                    handshaker.newHandshake(publicKey),
                    handshaker.newCookies(publicKey),
                    handshaker.newTimers(),
                    lookAtMe));
    desks.put(publicKey, desk);
    return desk;
  }

  /**
   * Takes a peer out of the device; its prefixes are the caller's to take from the routing table
   * before {@link #release}.
   */
  public void takeOut(PeerDesk desk) {
    desks.remove(desk.peer().publicKey(), desk);
    wheel.remove(desk.timer());
    desk.peer().timers().stop();
    forgetSession(desk);
  }

  /** Releases what a peer holds that was taken out and that no new packet is routed to any more. */
  public void release(PeerDesk desk) {
    int lost = desk.peer().staged().close();
    if (lost > 0) {
      desk.peer().drops().add(DropReason.HANDSHAKE_GAVE_UP, lost);
    }
    desk.peer().handshake().close();
    desk.peer().macs().close();
  }

  /**
   * Gives every peer that has a preshared key, with the key itself, to {@code consumer}, which
   * copies it.
   */
  public void forEachPresharedKey(BiConsumer<PublicKey, SecretKey> consumer) {
    for (PeerDesk desk : desks.values()) {
      SecretKey key = desk.peer().handshake().presharedKey();
      if (!key.isZero()) {
        consumer.accept(desk.peer().publicKey(), key);
      }
    }
  }

  /** Forgets handshake and keypairs: the next packet starts anew. */
  void forgetSession(PeerDesk desk) {
    handshaker.dropPending(desk);
    desk.peer().handshake().clear();
    desk.peer().keypairs().clear().forEach(this::retire);
  }

  // Identity.

  /** The device's identity, the new one during a rotation; null for none. */
  public @Nullable LocalIdentity identity() {
    OwnIdentity own = identities.own();
    return own == null ? null : own.identity();
  }

  /** The device's public key, the new one during a rotation. Any thread. */
  public Optional<PublicKey> publicKey() {
    return identities.publicKey();
  }

  /** During a rotation, the public key that is being replaced. Any thread. */
  public Optional<PublicKey> formerPublicKey() {
    return identities.formerPublicKey();
  }

  /**
   * Gives the device another identity, or none. Sessions made under the former one send no more,
   * but what is under way still arrives until new ones stand (as the kernel's
   * wg_noise_expire_current_peer_keypairs); without an identity they are forgotten. A rotation in
   * progress ends with it.
   *
   * @param privateKey belongs to the device from now on
   */
  public void setIdentity(@Nullable SecretKey privateKey) {
    LocalIdentity now = identity();
    if (now != null && privateKey != null && SecretKey.equal(now.privateKey(), privateKey)) {
      privateKey.close();
      return;
    }
    if (identities.isRotating()) {
      endRotation(true);
    }
    OwnIdentity before = identities.own();
    identities.set(privateKey);
    for (PeerDesk desk : desks.values()) {
      handshaker.dropPending(desk);
      desk.peer().handshake().clear();
      if (privateKey == null) {
        desk.peer().keypairs().clear().forEach(this::retire);
      } else {
        desk.peer().keypairs().stopSending();
      }
      desk.peer().timers().identityReplaced();
      reschedule(desk);
    }
    forget(before);
  }

  /**
   * Begins to replace the identity while sessions go on: both are answered for, and each peer moves
   * at its first handshake with the new one.
   *
   * @param privateKey the new identity; belongs to the device from now on
   * @param moved peers that are known to have moved, after a restart
   * @return false, and nothing is changed, without an identity or when one is being replaced
   *     already
   */
  public boolean beginRotation(SecretKey privateKey, Collection<PublicKey> moved) {
    LocalIdentity now = identity();
    if (now == null || identities.isRotating() || SecretKey.equal(now.privateKey(), privateKey)) {
      privateKey.close();
      return false;
    }
    identities.begin(privateKey);
    PublicKey present = identities.publicKey().orElseThrow();
    for (PublicKey peer : moved) {
      PeerDesk desk = desks.get(peer);
      if (desk != null) {
        desk.peer().handshakeLog().recall(present);
      }
    }
    return true;
  }

  /**
   * During a rotation, asks peers that have not moved and that a session stands with whether they
   * know the new key.
   *
   * @return how many were asked
   */
  public int askWhetherMoved(long nowNs) {
    int asked = 0;
    if (isUp()) {
      for (PeerDesk desk : desks.values()) {
        if (sendable(desk.peer(), nowNs) != null && handshaker.ask(desk, nowNs)) {
          asked++;
        }
      }
    }
    return asked;
  }

  /**
   * Ends a rotation. Sessions go on whoever they were made as; handshakes are made and answered
   * under the identity that stays only.
   *
   * @param commit whether the new identity stays, or the former one
   * @return false if there is no rotation
   */
  public boolean endRotation(boolean commit) {
    if (!identities.isRotating()) {
      return false;
    }
    forget(identities.end(commit));
    return true;
  }

  /** An identity is gone: nothing may be under way with it when its key is wiped. */
  private void forget(@Nullable OwnIdentity gone) {
    if (gone == null) {
      return;
    }
    for (PeerDesk desk : desks.values()) {
      if (desk.peer().handshake().awaitingIdentity() == gone.identity()) {
        handshaker.dropPending(desk);
      }
      desk.peer().handshake().forget(gone.identity());
      if (desk.initiatedAs() == gone.identity()) {
        desk.setInitiatedAs(null);
      }
    }
    gone.close();
  }

  /**
   * Takes a keypair out of use: nothing more is accepted under its index, its keys are wiped when
   * no thread can hold them.
   */
  void retire(Keypair keypair) {
    tables.indexes().remove(keypair.localIndex());
    retired.add(keypair);
  }

  // Sockets and link.

  /** The bound port, or the one that will be asked for, 0 for any. Any thread. */
  public int listenPort() {
    return sockets.listenPort();
  }

  /** The mark on outer packets. Any thread. */
  public int fwmark() {
    return sockets.fwmark();
  }

  /** Whether the link is up and the sockets are open. Any thread. */
  public boolean isUp() {
    return sockets.isOpen();
  }

  /** What keeps the device from working although its link is up. Any thread. */
  public Optional<String> problem() {
    return sockets.problem();
  }

  /**
   * Changes port and mark. New sockets are opened before the old ones are closed.
   *
   * @throws IOException if port or mark cannot be had; nothing has changed then
   */
  public void rebind(int port, int mark) throws IOException {
    if (sockets.rebind(port, mark, linkUp)) {
      desks.values().forEach(desk -> desk.peer().forgetSource());
    }
  }

  /**
   * The link came up: sockets open, waiting packets and persistent keepalives go out. A refusal is
   * kept as {@link #problem}.
   */
  public void linkUp(long nowNs) {
    linkUp = true;
    if (isUp() || !sockets.open()) {
      return;
    }
    for (PeerDesk desk : desks.values()) {
      desk.peer().timers().start();
      wakeUp(desk, desk.peer().hasPersistentKeepalive(), nowNs);
    }
  }

  /**
   * Lets a peer that has something to say begin: after the link came up, or after it was
   * configured.
   */
  public void wakeUp(PeerDesk desk, boolean withKeepalive, long nowNs) {
    if (!isUp()) {
      return;
    }
    if (withKeepalive) {
      sendKeepalive(desk, nowNs);
    } else {
      sendStaged(desk, nowNs);
    }
    reschedule(desk);
  }

  /**
   * The way to a peer may be another one now: what is sent from here on takes its source from the
   * routing table, a session is used at once so that the peer learns the new one, and a handshake
   * begins unless one was begun within Rekey-Timeout.
   */
  public void callAnew(PeerDesk desk, long nowNs) {
    if (!isUp()) {
      return;
    }
    Peer peer = desk.peer();
    peer.forgetSource();
    if (sendable(peer, nowNs) != null) {
      sendKeepalive(desk, nowNs);
    }
    handshaker.initiate(desk, false, nowNs);
    reschedule(desk);
  }

  /** The link went down: sessions are forgotten and the sockets closed. */
  public void linkDown() {
    linkUp = false;
    for (PeerDesk desk : desks.values()) {
      desk.peer().timers().stop();
      wheel.cancel(desk.timer());
      forgetSession(desk);
      giveUp(desk);
    }
    flush();
    sockets.close();
  }

  /** Forgets everything; after {@link #linkDown}, when the packet threads have ended. */
  public void end() {
    for (PeerDesk desk : List.copyOf(desks.values())) {
      takeOut(desk);
      release(desk);
    }
    publishPeers();
    retired.wipeAll();
    endRotation(true);
    setIdentity(null);
    handshakes.discard();
    sender.close();
  }
}
