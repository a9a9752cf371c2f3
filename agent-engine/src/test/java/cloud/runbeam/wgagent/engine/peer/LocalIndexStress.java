package cloud.runbeam.wgagent.engine.peer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.session.Keypair;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import cloud.runbeam.wgagent.engine.testkit.TestPeers;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** A handshake's index becomes its session's while the inbound thread looks it up. */
public final class LocalIndexStress {
  private static final KeyArena KEYS = TestKeys.arena();
  private static final SecretKey KEY = TestKeys.secret(KEYS, "stress");

  private LocalIndexStress() {}

  /** The first message of the session comes as fast as it can. */
  @JCStressTest
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "Still a handshake: the message is dropped.")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "The keypair, whole.")
  @Outcome(expect = FORBIDDEN, desc = "The keypair in parts.")
  @State
  public static class KeypairIsSeenWhole {
    private final LocalIndex index = new LocalIndex(TestPeers.peer(() -> {}));

    @Actor
    public void conductor() {
      index.open(new Keypair(3, 4, KEY, KEY, true, 5));
    }

    @Actor
    public void inbound(I_Result result) {
      Keypair keypair = index.keypair();
      if (keypair != null) {
        boolean whole =
            keypair.localIndex() == 3
                && keypair.remoteIndex() == 4
                && keypair.receiveKey() == KEY
                && keypair.ageNs(5) == 0
                && keypair.replayWindow().accept(0);
        result.r1 = whole ? 1 : -1;
      }
    }
  }
}
