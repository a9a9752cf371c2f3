package cloud.runbeam.wgagent.engine.path;

import cloud.runbeam.wgagent.engine.cookie.CookieChecker;
import cloud.runbeam.wgagent.engine.cookie.CookieGenerator;
import cloud.runbeam.wgagent.engine.cookie.HandshakeRateLimiter;
import cloud.runbeam.wgagent.engine.cookie.Mac1;
import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.noise.Handshake;
import cloud.runbeam.wgagent.engine.noise.InitiationResult;
import cloud.runbeam.wgagent.engine.noise.LocalIdentity;
import cloud.runbeam.wgagent.engine.noise.SessionKeys;
import cloud.runbeam.wgagent.engine.peer.LocalIndex;
import cloud.runbeam.wgagent.engine.peer.Peer;
import cloud.runbeam.wgagent.engine.session.Keypair;
import cloud.runbeam.wgagent.engine.timer.PeerTimers;
import cloud.runbeam.wgagent.engine.wire.CookieReplyLayout;
import cloud.runbeam.wgagent.engine.wire.InitiationLayout;
import cloud.runbeam.wgagent.engine.wire.MessageType;
import cloud.runbeam.wgagent.engine.wire.ResponseLayout;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
  private @Nullable LocalIdentity identity;
  private @Nullable Mac1 ownMac1;
  private @Nullable CookieChecker cookies;

  Handshaker(DeviceTables tables, TransportSender sender, DevicePath.Parts parts) {
    this.tables = tables;
    this.sender = sender;
    this.parts = parts;
    this.rateLimiter = new HandshakeRateLimiter(RATE_LIMITED_SOURCES, parts.entropy());
  }

  void rehearse() {
    new Rehearsal(parts).run();
  }

  @Nullable LocalIdentity identity() {
    return identity;
  }

  /**
   * Takes another identity, or none.
   *
   * @param privateKey belongs to the identity from now on
   */
  @Nullable LocalIdentity replaceIdentity(@Nullable SecretKey privateKey) {
    identity = privateKey == null ? null : new LocalIdentity(parts.keys(), privateKey);
    if (cookies != null) {
      cookies.close();
    }
    ownMac1 = identity == null ? null : new Mac1(identity.publicKey());
    cookies =
        identity == null
            ? null
            : new CookieChecker(parts.keys(), parts.entropy(), identity.publicKey());
    return identity;
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
    LocalIdentity self = identity;
    Endpoint endpoint = peer.endpoint();
    if (!retry) {
      timers.handshakeWanted();
    }
    if (self == null || endpoint == null) {
      return;
    }
    if (!timers.mayInitiate(nowNs)) {
      if (!peer.staged().isEmpty()) {
        timers.handshakePostponed();
      }
      return;
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
      return;
    }
    desk.setPending(pending, index);
    peer.macs().addMacs(memory, offset, bytes, nowNs);
    sender.message(peer, endpoint, bytes);
    peer.handshakeLog().initiationSent(nowNs);
    timers.handshakeInitiated(nowNs);
    timers.authenticatedPacketSent();
    timers.authenticatedPacketTraversal(nowNs);
  }

  // In.

  /** A handshake or cookie message arrived. */
  void receive(DeviceConductor device, HandshakeQueue.Message received, long nowNs) {
    MemorySegment message = received.content().memory();
    int bytes = received.content().length();
    Endpoint origin = received.origin();
    if (received.type() == MessageType.COOKIE_REPLY) {
      receiveCookieReply(message, nowNs);
    } else if (ownMac1 == null || !ownMac1.verify(message, 0, bytes)) {
      // Paper, section 5.4.4: nothing is computed for a message without a valid MAC1.
      tables.drops().count(DropReason.INVALID_MAC1);
    } else if (load.observe(received.receivedNs(), nowNs)
        && !admit(message, bytes, origin, nowNs)) {
      return; // counted there
    } else if (received.type() == MessageType.INITIATION) {
      receiveInitiation(device, message, origin, nowNs);
    } else {
      receiveResponse(device, message, origin, nowNs);
    }
  }

  /** Under load: only who proves to own its address, and not too often (paper, section 5.3). */
  private boolean admit(MemorySegment message, int bytes, Endpoint origin, long nowNs) {
    CookieChecker checker = Objects.requireNonNull(cookies);
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
      DeviceConductor device, MemorySegment message, Endpoint origin, long nowNs) {
    LocalIdentity self = identity;
    if (self == null) {
      return;
    }
    InitiationResult result =
        Handshake.consumeInitiation(self, device::handshakeOf, message, 0, nowNs);
    switch (result) {
      case InitiationResult.Refused(DropReason reason) -> tables.drops().count(reason);
      case InitiationResult.Accepted(Handshake handshake) -> {
        PeerDesk desk = device.desk(handshake.remoteStatic());
        if (desk != null) {
          respond(device, desk, origin, nowNs);
        }
      }
    }
  }

  private void respond(DeviceConductor device, PeerDesk desk, Endpoint origin, long nowNs) {
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
    derive(device, peer, entry, nowNs);
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
    Optional<DropReason> refused = peer.handshake().consumeResponse(message, 0);
    if (refused.isPresent()) {
      peer.drops().count(refused.get());
      return;
    }
    desk.clearPending(); // the index stays in the table: it is the session's from now on
    received(peer, ResponseLayout.BYTES, origin, nowNs);
    peer.handshakeLog().responseAccepted(nowNs);
    derive(device, peer, entry, nowNs);
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

  private void derive(DeviceConductor device, Peer peer, LocalIndex entry, long nowNs) {
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
    peer.handshakeLog().sessionDerived(parts.wallClock().now());
  }

  /** Forgets the handshake in progress and its index. */
  void dropPending(PeerDesk desk) {
    if (desk.pending() != null) {
      tables.indexes().remove(desk.pendingIndex());
      desk.clearPending();
    }
  }
}
