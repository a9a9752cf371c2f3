package cloud.runbeam.wgagent.engine.noise;

import cloud.runbeam.wgagent.engine.counters.DropReason;

/** What became of an initiation that was received. */
public sealed interface InitiationResult {
  /**
   * It is genuine, new, and waits for {@link Handshake#writeResponse}.
   *
   * @param handshake the peer's; {@link Handshake#remoteStatic} says whose
   */
  record Accepted(Handshake handshake) implements InitiationResult {}

  /**
   * It changed nothing.
   *
   * @param reason why
   */
  record Refused(DropReason reason) implements InitiationResult {}
}
