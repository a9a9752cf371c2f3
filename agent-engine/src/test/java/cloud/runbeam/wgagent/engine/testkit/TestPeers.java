package cloud.runbeam.wgagent.engine.testkit;

import cloud.runbeam.wgagent.engine.cookie.CookieGenerator;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.noise.Handshake;
import cloud.runbeam.wgagent.engine.peer.Peer;
import cloud.runbeam.wgagent.engine.timer.PeerTimers;

/** Peers without a device. All share one handshake, which nothing is done with. */
public final class TestPeers {
  private static final KeyArena KEYS = TestKeys.arena();
  private static final PublicKey KEY = TestKeys.privateKey(KEYS, "peer").publicKey();
  private static final Handshake HANDSHAKE = new Handshake(KEYS, KEY);
  private static final CookieGenerator MACS = new CookieGenerator(KEYS, KEY);

  private TestPeers() {}

  /** A peer that runs {@code lookAtMe} when it wants attention. */
  public static Peer peer(Runnable lookAtMe) {
    return new Peer(KEY, HANDSHAKE, MACS, new PeerTimers(new SeededEntropy(1)), lookAtMe);
  }
}
