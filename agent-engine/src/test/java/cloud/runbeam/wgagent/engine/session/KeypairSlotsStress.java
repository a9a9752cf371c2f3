package cloud.runbeam.wgagent.engine.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZZJ_Result;

/**
 * The conductor hands keypairs to the packet threads: they see all of a keypair or none of it, and
 * never a moment without one.
 */
public final class KeypairSlotsStress {
  private static final KeyArena KEYS = TestKeys.arena();
  private static final SecretKey KEY = TestKeys.secret(KEYS, "stress");
  private static final byte FIRST_KEY_BYTE = KEY.bytes().get(ValueLayout.JAVA_BYTE, 0);

  private KeypairSlotsStress() {}

  private static Keypair keypair(int index, boolean initiator) {
    return new Keypair(index, 9, KEY, KEY, initiator, 5);
  }

  /** 0 for none, the local index of a keypair that is whole, -1 for one that is not. */
  private static int look(@Nullable Keypair keypair) {
    if (keypair == null) {
      return 0;
    }
    boolean whole =
        keypair.remoteIndex() == 9
            && keypair.ageNs(5) == 0
            && keypair.sendKey().bytes().get(ValueLayout.JAVA_BYTE, 0) == FIRST_KEY_BYTE
            && keypair.sendCounter().reserved() == 0
            && keypair.replayWindow().accept(0);
    return whole ? keypair.localIndex() : -1;
  }

  /** The first keypair appears. */
  @JCStressTest
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "Looked before.")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "Sees all of it: keys, counter, empty window.")
  @Outcome(expect = FORBIDDEN, desc = "Sees a part of it.")
  @State
  public static class FirstIsSeenWhole {
    private final KeypairSlots slots = new KeypairSlots();

    @Actor
    public void conductor() {
      slots.install(keypair(1, true));
    }

    @Actor
    public void outbound(I_Result result) {
      result.r1 = look(slots.current());
    }
  }

  /** A new keypair takes the place of the current one. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "Looked before.")
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Looked while the keypair was in both slots.")
  @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "Looked after.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "A moment without a keypair, or the new one before the old one moved.")
  @State
  public static class SuccessionLeavesNoGap {
    private final KeypairSlots slots = new KeypairSlots();

    public SuccessionLeavesNoGap() {
      slots.install(keypair(1, true));
    }

    @Actor
    public void conductor() {
      slots.install(keypair(2, true));
    }

    @Actor
    public void reader(II_Result result) {
      result.r1 = look(slots.current());
      Keypair previous = slots.previous();
      result.r2 = previous == null ? 0 : previous.localIndex();
    }
  }

  /** A keypair that we answered with is confirmed. */
  @JCStressTest
  @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "Before.")
  @Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "The keypair is in both slots.")
  @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "After.")
  @Outcome(
      id = "1, 0",
      expect = ACCEPTABLE,
      desc = "Looked at the first slot before and at the other after.")
  @Outcome(expect = FORBIDDEN, desc = "No keypair to send with, or one in parts.")
  @State
  public static class ConfirmingLeavesNoGap {
    private final KeypairSlots slots = new KeypairSlots();
    private final Keypair next = keypair(2, false);

    public ConfirmingLeavesNoGap() {
      slots.install(keypair(1, true));
      slots.install(next);
    }

    @Actor
    public void conductor() {
      slots.confirm(next);
    }

    @Actor
    public void reader(II_Result result) {
      Keypair current = slots.current();
      result.r1 = current == null ? 0 : current.localIndex();
      Keypair unconfirmed = slots.next();
      result.r2 = unconfirmed == null ? 0 : unconfirmed.localIndex();
    }
  }

  /** The inbound thread confirms what the conductor then reads. */
  @JCStressTest
  @Outcome(id = "true, false, -1", expect = ACCEPTABLE, desc = "The conductor looked before.")
  @Outcome(
      id = "true, true, 7",
      expect = ACCEPTABLE,
      desc = "And after: the window's content comes along.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "Confirmed, but what the inbound thread wrote before is not seen.")
  @State
  public static class ConfirmationCarriesTheWindow {
    private final Keypair keypair = keypair(1, false);

    @Actor
    public void inbound(ZZJ_Result result) {
      keypair.replayWindow().accept(7);
      result.r1 = keypair.confirm();
    }

    @Actor
    public void conductor(ZZJ_Result result) {
      result.r2 = keypair.isConfirmed();
      result.r3 = result.r2 ? keypair.replayWindow().highest() : -1;
    }
  }
}
