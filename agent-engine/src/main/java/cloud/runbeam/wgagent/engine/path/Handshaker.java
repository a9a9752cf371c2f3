package cloud.runbeam.wgagent.engine.path;

import cloud.runbeam.wgagent.engine.cookie.CookieChecker;
import cloud.runbeam.wgagent.engine.cookie.CookieGenerator;
import cloud.runbeam.wgagent.engine.cookie.HandshakeRateLimiter;
import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.noise.Handshake;
import cloud.runbeam.wgagent.engine.noise.InitiationResult;
import cloud.runbeam.wgagent.engine.noise.LocalIdentity;
import cloud.runbeam.wgagent.engine.noise.SessionKeys;
import cloud.runbeam.wgagent.engine.peer.LocalIndex;
import cloud.runbeam.wgagent.engine.peer.Peer;
import cloud.runbeam.wgagent.engine.peer.SessionLimits;
import cloud.runbeam.wgagent.engine.session.Keypair;
import cloud.runbeam.wgagent.engine.timer.PeerTimers;
import cloud.runbeam.wgagent.engine.wire.CookieReplyLayout;
import cloud.runbeam.wgagent.engine.wire.InitiationLayout;
import cloud.runbeam.wgagent.engine.wire.MessageType;
import cloud.runbeam.wgagent.engine.wire.ResponseLayout;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Sends and answers handshake messages for one device, and turns handshakes into keypairs.
 * Conductor only.
 *
 * <pre>
 *   initiate()  ── initiation ─────────────────────▶ receiveInitiation()
 *                                                       response, keypair in slot "next"
 *   receiveResponse() ◀────────────── response ──
 *      keypair in slot "current"
 *      staged packets, or a keepalive ─────────────▶ first transport message: "next" becomes "current"
 * </pre>
 */
final class Handshaker {
  /**
   * Sources whose rate is known at the same time; as the kernel's table, bounded whatever a flood
   * pretends to be.
   */
  private static final int RATE_LIMITED_SOURCES = 1 << 13;

  private final DeviceTables tables;
  private final TransportSender sender;
  private final DevicePath.Parts parts;
  private final HandshakeLoad load = new HandshakeLoad();
  private final HandshakeRateLimiter rateLimiter;
  private final Identities identities;

  Handshaker(
      DeviceTables tables, TransportSender sender, DevicePath.Parts parts, Identities identities) {
    this.tables = tables;
    this.sender = sender;
    this.parts = parts;
    this.identities = identities;
    this.rateLimiter = new HandshakeRateLimiter(RATE_LIMITED_SOURCES, parts.entropy());
  }

  void rehearse() {
    new Rehearsal(parts).run();
  }

  Handshake newHandshake(PublicKey publicKey) {
    return new Handshake(parts.keys(), publicKey);
  }

  CookieGenerator newCookies(PublicKey publicKey) {
    return new CookieGenerator(parts.keys(), publicKey);
  }

  PeerTimers newTimers() {
    return new PeerTimers(parts.entropy());
  }

  // Out.

  /**
   * Sends an initiation (paper, section 5.4.2), unless there is no identity or endpoint, or one was
   * sent within REKEY_TIMEOUT.
   *
   * @param retry whether this repeats an initiation that was not answered, so that attempts go on
   *     counting
   */
  void initiate(PeerDesk desk, boolean retry, long nowNs) {
    Peer peer = desk.peer();
    PeerTimers timers = peer.timers();
    if (!retry) {
      timers.handshakeWanted();
    }
    LocalIdentity self = identities.caller(desk, retry, hasSession(peer, nowNs));
    if (self == null || peer.endpoint() == null) {
      return;
    }
    if (!timers.mayInitiate(nowNs)) {
      if (!peer.staged().isEmpty()) {
        timers.handshakePostponed();
      }
      return;
    }
    desk.setInitiatedAs(self);
    if (call(desk, self, false, nowNs)) {
      timers.handshakeInitiated(nowNs);
      timers.authenticatedPacketSent();
      timers.authenticatedPacketTraversal(nowNs);
    }
  }

  /**
   * During a rotation: asks a peer, by an initiation as the new identity, whether it knows that one
   * already. A peer that does not is silent, which is no failure: its session goes on, and nothing
   * is repeated before the next question.
   *
   * @return whether the peer was asked
   */
  boolean ask(PeerDesk desk, long nowNs) {
    OwnIdentity present = identities.own();
    boolean busy = desk.pending() != null && !desk.asking();
    if (present == null || !identities.isRotating() || identities.hasMoved(desk) || busy) {
      return false;
    }
    return call(desk, present.identity(), true, nowNs);
  }

  private boolean call(PeerDesk desk, LocalIdentity self, boolean question, long nowNs) {
    Peer peer = desk.peer();
    Endpoint endpoint = peer.endpoint();
    if (endpoint == null) {
      return false;
    }
    dropPending(desk);
    LocalIndex pending = new LocalIndex(peer);
    int index = tables.indexes().allocate(pending, parts.entropy());
    MemorySegment memory = sender.messageMemory(InitiationLayout.BYTES);
    int offset = sender.messageOffset();
    int bytes =
        peer.handshake()
            .writeInitiation(
                self, memory, offset, index, parts.timestamps().next(nowNs), parts.entropy());
    if (bytes == Handshake.REFUSED) {
      tables.indexes().remove(index);
      peer.drops().count(DropReason.INVALID_HANDSHAKE);
      return false;
    }
    desk.setPending(pending, index, question);
    peer.macs().addMacs(memory, offset, bytes, nowNs);
    sender.message(peer, endpoint, bytes);
    peer.handshakeLog().initiationSent(nowNs);
    return true;
  }

  private static boolean hasSession(Peer peer, long nowNs) {
    Keypair keypair = peer.keypairs().toSend();
    return keypair != null && SessionLimits.maySend(keypair, nowNs);
  }

  // In.

  /** A handshake or cookie message arrived. */
  void receive(DeviceConductor device, HandshakeQueue.Message received, long nowNs) {
    MemorySegment message = received.content().memory();
    int bytes = received.content().length();
    Endpoint origin = received.origin();
    if (received.type() == MessageType.COOKIE_REPLY) {
      receiveCookieReply(message, nowNs);
      return;
    }
    OwnIdentity self = identities.addressee(message, bytes);
    if (self == null) {
      // Paper, section 5.4.4: nothing is computed for a message without a valid MAC1.
      tables.drops().count(DropReason.INVALID_MAC1);
    } else if (load.observe(received.receivedNs(), nowNs)
        && !admit(self.cookies(), message, bytes, origin, nowNs)) {
      return; // counted there
    } else if (received.type() == MessageType.INITIATION) {
      receiveInitiation(device, self.identity(), message, origin, nowNs);
    } else {
      receiveResponse(device, message, origin, nowNs);
    }
  }

  /** Under load: only who proves to own its address, and not too often (paper, section 5.3). */
  private boolean admit(
      CookieChecker checker, MemorySegment message, int bytes, Endpoint origin, long nowNs) {
    if (!checker.verifyMac2(message, 0, bytes, origin, nowNs)) {
      MemorySegment memory = sender.messageMemory(CookieReplyLayout.BYTES);
      int sent =
          checker.writeReply(
              memory,
              sender.messageOffset(),
              message,
              0,
              bytes,
              InitiationLayout.senderIndex(message, 0),
              origin,
              nowNs);
      sender.message(null, origin, sent);
      tables.drops().count(DropReason.COOKIE_REQUIRED);
      return false;
    }
    if (!rateLimiter.allow(origin, nowNs)) {
      tables.drops().count(DropReason.RATE_LIMITED);
      return false;
    }
    return true;
  }

  private void receiveInitiation(
      DeviceConductor device,
      LocalIdentity self,
      MemorySegment message,
      Endpoint origin,
      long nowNs) {
    InitiationResult result =
        Handshake.consumeInitiation(self, device::handshakeOf, message, 0, nowNs);
    switch (result) {
      case InitiationResult.Refused(DropReason reason) -> tables.drops().count(reason);
      case InitiationResult.Accepted(Handshake handshake) -> {
        PeerDesk desk = device.desk(handshake.remoteStatic());
        if (desk != null && isSuperseded(self, desk, nowNs)) {
          handshake.leaveUnanswered();
          desk.peer().drops().count(DropReason.SUPERSEDED_IDENTITY);
        } else if (desk != null) {
          respond(device, self, desk, origin, nowNs);
        }
      }
    }
  }

  /**
   * A peer's device that was told our new key has us twice, and the old entry, from which the
   * prefixes were taken, may still call, with a persistent keepalive say. Its session must not take
   * the place of the one that the peer accepts our packets from.
   */
  private boolean isSuperseded(LocalIdentity self, PeerDesk desk, long nowNs) {
    OwnIdentity former = identities.former();
    return former != null
        && former.identity() == self
        && identities.hasMoved(desk)
        && hasSession(desk.peer(), nowNs);
  }

  private void respond(
      DeviceConductor device, LocalIdentity self, PeerDesk desk, Endpoint origin, long nowNs) {
    Peer peer = desk.peer();
    LocalIndex entry = new LocalIndex(peer);
    int index = tables.indexes().allocate(entry, parts.entropy());
    MemorySegment memory = sender.messageMemory(ResponseLayout.BYTES);
    int offset = sender.messageOffset();
    int bytes = peer.handshake().writeResponse(memory, offset, index, parts.entropy());
    if (bytes == Handshake.REFUSED) {
      tables.indexes().remove(index);
      peer.drops().count(DropReason.INVALID_HANDSHAKE);
      return;
    }
    PeerTimers timers = peer.timers();
    received(peer, InitiationLayout.BYTES, origin, nowNs);
    peer.macs().addMacs(memory, offset, bytes, nowNs);
    sender.message(peer, origin, bytes);
    derive(device, self, peer, entry, nowNs);
    timers.handshakeResponded(nowNs);
    timers.authenticatedPacketSent();
    timers.authenticatedPacketTraversal(nowNs);
    device.reschedule(desk);
  }

  private void receiveResponse(
      DeviceConductor device, MemorySegment message, Endpoint origin, long nowNs) {
    int index = ResponseLayout.receiverIndex(message, 0);
    LocalIndex entry = tables.indexes().get(index);
    PeerDesk desk = entry == null ? null : device.desk(entry.peer().publicKey());
    if (entry == null || desk == null || desk.pending() != entry) {
      tables.drops().count(DropReason.UNKNOWN_INDEX);
      return;
    }
    Peer peer = entry.peer();
    LocalIdentity self = peer.handshake().awaitingIdentity();
    Optional<DropReason> refused = peer.handshake().consumeResponse(message, 0);
    if (self == null || refused.isPresent()) {
      peer.drops().count(refused.orElse(DropReason.UNKNOWN_INDEX));
      return;
    }
    desk.clearPending(); // the index stays in the table: it is the session's from now on
    received(peer, ResponseLayout.BYTES, origin, nowNs);
    peer.handshakeLog().responseAccepted(nowNs);
    derive(device, self, peer, entry, nowNs);
    peer.timers().handshakeComplete();
    desk.setLastMinuteBegun(false);
    // The responder may not send before it has heard from us under the new keys: staged packets,
    // else a keepalive.
    device.sendKeepalive(desk, nowNs);
    device.reschedule(desk);
  }

  private void receiveCookieReply(MemorySegment message, long nowNs) {
    LocalIndex entry = tables.indexes().get(CookieReplyLayout.receiverIndex(message, 0));
    if (entry == null || !entry.peer().macs().consumeReply(message, 0, nowNs)) {
      tables.drops().count(DropReason.INVALID_COOKIE_REPLY);
    }
  }

  private static void received(Peer peer, int bytes, Endpoint origin, long nowNs) {
    peer.handshakesReceived().add(1, bytes);
    peer.roamByHandshakeTo(origin);
    PeerTimers timers = peer.timers();
    timers.authenticatedPacketReceived();
    timers.authenticatedPacketTraversal(nowNs);
  }

  private void derive(
      DeviceConductor device, LocalIdentity self, Peer peer, LocalIndex entry, long nowNs) {
    SessionKeys keys = peer.handshake().deriveSession();
    Keypair keypair =
        new Keypair(
            keys.localIndex(),
            keys.remoteIndex(),
            keys.sendKey(),
            keys.receiveKey(),
            keys.initiator(),
            nowNs);
    entry.open(keypair);
    peer.keypairs().install(keypair).forEach(device::retire);
    peer.timers().sessionDerived(nowNs);
    peer.handshakeLog().sessionDerived(self.publicKey(), parts.wallClock().now());
  }

  /** Forgets the handshake in progress and its index. */
  void dropPending(PeerDesk desk) {
    if (desk.pending() != null) {
      tables.indexes().remove(desk.pendingIndex());
      desk.clearPending();
    }
  }
}
