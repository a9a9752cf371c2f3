package cloud.runbeam.wgagent.engine.path;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.session.Keypair;
import cloud.runbeam.wgagent.engine.session.KeypairSlots;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import java.lang.foreign.ValueLayout;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIZ_Result;
import org.openjdk.jcstress.infra.results.IZ_Result;

/**
 * The conductor takes keypairs out of use and wipes them: never while a packet thread that is
 * inside a batch may still seal with them, for a packet under a key of zeros would be the end of
 * all secrecy.
 */
public final class RetiredKeypairsStress {
  private static final KeyArena KEYS = TestKeys.arena();
  private static final byte[] KEY = TestKeys.bytes("stress");
  private static final int LOOKS = 20;

  private RetiredKeypairsStress() {}

  /** A current keypair, two packet threads of which one is idle, and the conductor. */
  abstract static class Session {
    final SecretKey key = KEYS.copyOf(KEY);
    final KeypairSlots slots = new KeypairSlots();
    final Quiescence busy = new Quiescence();
    final Quiescence idle = new Quiescence();
    final RetiredKeypairs retired;

    Session(boolean outboundIsBusy) {
      retired = outboundIsBusy ? new RetiredKeypairs(busy, idle) : new RetiredKeypairs(idle, busy);
      slots.install(new Keypair(1, 2, key, KEYS.allocate(), true, 0));
    }

    /** A batch: 0 without a keypair, 1 if the key stayed what it was to the end, else -1. */
    int batch() {
      busy.enter();
      try {
        Keypair keypair = slots.current();
        if (keypair == null) {
          return 0;
        }
        for (int i = 0; i < LOOKS; i++) {
          if (keypair.sendKey().bytes().get(ValueLayout.JAVA_BYTE, i) != KEY[i]) {
            return -1;
          }
        }
        return 1;
      } catch (IllegalStateException wiped) {
        return -1;
      } finally {
        busy.exit();
      }
    }

    void retire() {
      slots.clear().forEach(retired::add);
      for (int i = 0; i < LOOKS && retired.isWaiting(); i++) {
        retired.wipePassed();
      }
    }

    /** Whether the keys are wiped by now, at the latest when the conductor looks again. */
    boolean isWiped() {
      retired.wipePassed();
      try {
        key.bytes();
        return false;
      } catch (IllegalStateException wiped) {
        return true;
      }
    }
  }

  /** The session ends while the outbound thread seals. */
  @JCStressTest
  @Outcome(
      id = "0, true",
      expect = ACCEPTABLE,
      desc = "The batch began after: no keypair, nothing sealed.")
  @Outcome(
      id = "1, true",
      expect = ACCEPTABLE,
      desc = "The batch got the keypair and kept it to its end.")
  @Outcome(expect = FORBIDDEN, desc = "Wiped under the packet thread's hands, or never.")
  @State
  public static class NeverWipedInsideABatch extends Session {
    public NeverWipedInsideABatch() {
      super(true);
    }

    @Actor
    public void outbound(IZ_Result result) {
      result.r1 = batch();
    }

    @Actor
    public void conductor() {
      retire();
    }

    @Arbiter
    public void after(IZ_Result result) {
      result.r2 = isWiped();
    }
  }

  /** The same with two batches in a row: the second one is a new chance to hold the keypair. */
  @JCStressTest
  @Outcome(id = "0, 0, true", expect = ACCEPTABLE, desc = "Both batches began after.")
  @Outcome(id = "1, 0, true", expect = ACCEPTABLE, desc = "One before, one after.")
  @Outcome(id = "1, 1, true", expect = ACCEPTABLE, desc = "Both before.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "Wiped under the packet thread's hands, seen again, or never wiped.")
  @State
  public static class NeverWipedInsideTheNextBatch extends Session {
    public NeverWipedInsideTheNextBatch() {
      super(false);
    }

    @Actor
    public void inbound(IIZ_Result result) {
      result.r1 = batch();
      result.r2 = batch();
    }

    @Actor
    public void conductor() {
      retire();
    }

    @Arbiter
    public void after(IIZ_Result result) {
      result.r3 = isWiped();
    }
  }
}
