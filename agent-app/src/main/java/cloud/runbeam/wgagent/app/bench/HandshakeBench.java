package cloud.runbeam.wgagent.app.bench;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.engine.noise.Handshake;
import cloud.runbeam.wgagent.engine.noise.InitiationResult;
import cloud.runbeam.wgagent.engine.noise.LocalIdentity;
import cloud.runbeam.wgagent.engine.noise.SessionKeys;
import cloud.runbeam.wgagent.engine.noise.Tai64n;
import cloud.runbeam.wgagent.engine.wire.InitiationLayout;
import cloud.runbeam.wgagent.engine.wire.ResponseLayout;
import java.lang.foreign.MemorySegment;
import java.time.Instant;

/** What answering one handshake costs: reading the initiation, responding, deriving the session. */
final class HandshakeBench implements AutoCloseable {
  /** Further apart than what counts as a flood from one peer. */
  private static final long APART_NS = 1_000_000_000;

  private final EntropySource entropy;
  private final LocalIdentity initiator;
  private final LocalIdentity responder;
  private final Handshake initiating;
  private final Handshake responding;
  private final MemorySegment initiation = MemorySegment.ofArray(new byte[InitiationLayout.BYTES]);
  private final MemorySegment response = MemorySegment.ofArray(new byte[ResponseLayout.BYTES]);
  private long handshakes;

  HandshakeBench(KeyArena keys, EntropySource entropy) {
    this.entropy = entropy;
    initiator = identity(keys);
    responder = identity(keys);
    initiating = new Handshake(keys, responder.publicKey());
    responding = new Handshake(keys, initiator.publicKey());
  }

  private LocalIdentity identity(KeyArena keys) {
    SecretKey key = keys.allocate();
    entropy.fill(key.bytes());
    key.clamp();
    return new LocalIdentity(keys, key);
  }

  /** Handshakes that one processor core answers per second. */
  double answeredPerSecond(long budgetNs) {
    return 1e9 / Repeat.medianNs(budgetNs, this::answerNs);
  }

  private long answerNs() {
    handshakes++;
    Tai64n timestamp = Tai64n.of(Instant.ofEpochSecond(handshakes));
    initiating.writeInitiation(initiator, initiation, 0, 1, timestamp, entropy);
    long startNs = System.nanoTime();
    InitiationResult read =
        Handshake.consumeInitiation(
            responder, remote -> responding, initiation, 0, handshakes * APART_NS);
    if (!(read instanceof InitiationResult.Accepted)) {
      throw new IllegalStateException("a valid initiation was not accepted: " + read);
    }
    responding.writeResponse(response, 0, 2, entropy);
    SessionKeys session = responding.deriveSession();
    session.sendKey().close();
    session.receiveKey().close();
    return System.nanoTime() - startNs;
  }

  @Override
  public void close() {
    initiating.close();
    responding.close();
    initiator.close();
    responder.close();
  }
}
