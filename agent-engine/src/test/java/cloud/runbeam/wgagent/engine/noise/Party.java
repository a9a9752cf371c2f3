package cloud.runbeam.wgagent.engine.noise;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.Optional;

/** One end of a handshake in a test: an identity, and what it knows of its only peer. */
final class Party implements AutoCloseable {
  static final Instant START = Instant.parse("2026-11-23T05:36:00Z");

  final KeyArena arena = TestKeys.arena();
  final LocalIdentity identity;
  private Optional<Handshake> handshake = Optional.empty();

  Party(String label) {
    identity = new LocalIdentity(arena, TestKeys.secret(arena, label));
  }

  void knows(PublicKey remote) {
    handshake = Optional.of(new Handshake(arena, remote));
  }

  static void introduce(Party one, Party other) {
    one.knows(other.identity.publicKey());
    other.knows(one.identity.publicKey());
  }

  Handshake handshake() {
    return handshake.orElseThrow();
  }

  MemorySegment initiate(int index, Tai64n timestamp, EntropySource entropy) {
    MemorySegment message = MemorySegment.ofArray(new byte[148]);
    int bytes = handshake().writeInitiation(identity, message, 0, index, timestamp, entropy);
    if (bytes != 148) {
      throw new AssertionError("initiation of " + bytes + " bytes");
    }
    return message;
  }

  InitiationResult receive(MemorySegment initiation, long nowNs) {
    return Handshake.consumeInitiation(identity, this::find, initiation, 0, nowNs);
  }

  MemorySegment respond(int index, EntropySource entropy) {
    MemorySegment message = MemorySegment.ofArray(new byte[92]);
    int bytes = handshake().writeResponse(message, 0, index, entropy);
    if (bytes != 92) {
      throw new AssertionError("response of " + bytes + " bytes");
    }
    return message;
  }

  static Tai64n time(long secondsAfterStart) {
    return Tai64n.of(START.plusSeconds(secondsAfterStart));
  }

  @Override
  public void close() {
    handshake.ifPresent(Handshake::close);
    identity.close();
    arena.close();
  }

  private @org.jspecify.annotations.Nullable Handshake find(PublicKey remote) {
    return handshake.filter(known -> known.remoteStatic().equals(remote)).orElse(null);
  }
}
