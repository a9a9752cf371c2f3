package cloud.runbeam.wgagent.engine.path;

import cloud.runbeam.wgagent.engine.cookie.Mac1;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.crypto.X25519;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.engine.noise.Handshake;
import cloud.runbeam.wgagent.engine.noise.InitiationResult;
import cloud.runbeam.wgagent.engine.noise.LocalIdentity;
import cloud.runbeam.wgagent.engine.noise.SessionKeys;
import cloud.runbeam.wgagent.engine.noise.Tai64n;
import cloud.runbeam.wgagent.engine.wire.InitiationLayout;
import cloud.runbeam.wgagent.engine.wire.ResponseLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Does once, with nobody watching, what the first packet would otherwise wait for: a socket is
 * opened and closed, a handshake goes back and forth between two keys made for it. The classes are
 * loaded and linked then, and the handshake has tested itself. On the conductor, before the first
 * link event.
 */
final class Rehearsal {
  private final DevicePath.Parts parts;

  Rehearsal(DevicePath.Parts parts) {
    this.parts = parts;
  }

  /**
   * Runs both.
   *
   * @throws IllegalStateException if the two ends of the handshake disagree: this machine computes
   *     wrongly
   */
  void run() {
    try {
      UdpTransport transport = parts.udp().open(0, 0);
      transport.newSender().close();
      transport.close();
    } catch (IOException e) {
      // The link event opens a socket for real, and reports.
      return;
    }
    handshake();
  }

  private void handshake() {
    SecretKey initiatorKey = X25519.generate(parts.keys(), parts.entropy());
    SecretKey responderKey = X25519.generate(parts.keys(), parts.entropy());
    try (LocalIdentity initiator = new LocalIdentity(parts.keys(), initiatorKey);
        LocalIdentity responder = new LocalIdentity(parts.keys(), responderKey);
        Handshake asking = new Handshake(parts.keys(), responder.publicKey());
        Handshake answering = new Handshake(parts.keys(), initiator.publicKey())) {
      MemorySegment message = MemorySegment.ofArray(new byte[InitiationLayout.BYTES]);
      Tai64n timestamp = Tai64n.of(parts.wallClock().now());
      asking.writeInitiation(initiator, message, 0, 1, timestamp, parts.entropy());
      Mac1 mac = new Mac1(responder.publicKey());
      mac.write(message, 0, InitiationLayout.BYTES);
      boolean genuine = mac.verify(message, 0, InitiationLayout.BYTES);
      InitiationResult read =
          Handshake.consumeInitiation(responder, key -> answering, message, 0, 0);
      if (!genuine || !(read instanceof InitiationResult.Accepted)) {
        throw disagreement();
      }
      answering.writeResponse(message, 0, 2, parts.entropy());
      if (asking.consumeResponse(message.asSlice(0, ResponseLayout.BYTES), 0).isPresent()) {
        throw disagreement();
      }
      compare(asking.deriveSession(), answering.deriveSession());
    }
  }

  private void compare(SessionKeys asking, SessionKeys answering) {
    try (SecretKey sent = asking.sendKey();
        SecretKey toReceive = answering.receiveKey();
        SecretKey answered = answering.sendKey();
        SecretKey toOpen = asking.receiveKey()) {
      byte[] scratch = new byte[16 + 16];
      MemorySegment memory = MemorySegment.ofArray(scratch);
      var aead = parts.aead().newAead();
      aead.seal(sent, 0, memory, 0, 16, 0, memory, 0);
      boolean same =
          aead.open(toReceive, 0, memory, 0, scratch.length, memory, 0) == 16
              && SecretKey.equal(answered, toOpen);
      if (!same || !Arrays.equals(scratch, 0, 16, new byte[16], 0, 16)) {
        throw disagreement();
      }
    }
  }

  private static IllegalStateException disagreement() {
    return new IllegalStateException(
        "the handshake's self-test failed: the two ends disagree; do not use this machine");
  }
}
