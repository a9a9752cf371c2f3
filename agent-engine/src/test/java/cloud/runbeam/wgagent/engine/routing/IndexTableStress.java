package cloud.runbeam.wgagent.engine.routing;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import cloud.runbeam.wgagent.engine.io.EntropySource;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** The inbound thread finds sessions by index while the conductor adds and removes others. */
public final class IndexTableStress {
  private IndexTableStress() {}

  /** Not final, not volatile: seen only if the table publishes it. */
  private static final class Session {
    private int number;

    Session(int number) {
      this.number = number;
    }
  }

  private static int number(@Nullable Session session) {
    return session == null ? 0 : session.number;
  }

  /** Gives out the index that the test wants next. */
  private static final class ChosenIndex implements EntropySource {
    private int next;

    ChosenIndex(int first) {
      next = first;
    }

    @Override
    public void fill(MemorySegment target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int nextInt() {
      return next++;
    }
  }

  /** An index is given out. */
  @JCStressTest
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "Looked before.")
  @Outcome(id = "42", expect = ACCEPTABLE, desc = "Sees all of it.")
  @Outcome(expect = FORBIDDEN, desc = "Sees the session before its content.")
  @State
  public static class NewEntryIsSeenWhole {
    private final IndexTable<Session> table = new IndexTable<>();

    @Actor
    public void conductor() {
      table.allocate(new Session(42), new ChosenIndex(5));
    }

    @Actor
    public void inbound(I_Result result) {
      result.r1 = number(table.get(5));
    }
  }

  /** An index is given back. */
  @JCStressTest
  @Outcome(id = "42, 42", expect = ACCEPTABLE, desc = "Looked before.")
  @Outcome(id = "42, 0", expect = ACCEPTABLE, desc = "Looked before and after.")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Looked after.")
  @Outcome(expect = FORBIDDEN, desc = "A removed session came back.")
  @State
  public static class RemovedStaysRemoved {
    private final IndexTable<Session> table = new IndexTable<>();

    public RemovedStaysRemoved() {
      table.allocate(new Session(42), new ChosenIndex(5));
    }

    @Actor
    public void conductor() {
      table.remove(5);
    }

    @Actor
    public void inbound(II_Result result) {
      result.r1 = number(table.get(5));
      result.r2 = number(table.get(5));
    }
  }

  /** The same index is removed and, by chance, chosen again. */
  @JCStressTest
  @Outcome(id = "42", expect = ACCEPTABLE, desc = "Before.")
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "Between.")
  @Outcome(id = "43", expect = ACCEPTABLE, desc = "After.")
  @Outcome(expect = FORBIDDEN, desc = "A session in parts.")
  @State
  public static class IndexChosenAgain {
    private final IndexTable<Session> table = new IndexTable<>();

    public IndexChosenAgain() {
      table.allocate(new Session(42), new ChosenIndex(5));
    }

    @Actor
    public void conductor() {
      table.remove(5);
      table.allocate(new Session(43), new ChosenIndex(5));
    }

    @Actor
    public void inbound(I_Result result) {
      result.r1 = number(table.get(5));
    }
  }

  /** One entry more makes the table move to a larger one. */
  @JCStressTest
  @Outcome(
      id = "42, 0",
      expect = ACCEPTABLE,
      desc = "In the old table, or in the new one before its last entry.")
  @Outcome(id = "42, 43", expect = ACCEPTABLE, desc = "Both.")
  @Outcome(expect = FORBIDDEN, desc = "The old session was lost sight of, or one is seen in parts.")
  @State
  public static class GrowingLosesSightOfNothing {
    private static final int ENTRIES_BEFORE_GROWTH = 32;
    private final IndexTable<Session> table = new IndexTable<>();

    public GrowingLosesSightOfNothing() {
      ChosenIndex chosen = new ChosenIndex(0);
      for (int i = 0; i < ENTRIES_BEFORE_GROWTH; i++) {
        table.allocate(new Session(42), chosen);
      }
    }

    @Actor
    public void conductor() {
      table.allocate(new Session(43), new ChosenIndex(100));
    }

    @Actor
    public void inbound(II_Result result) {
      result.r1 = number(table.get(ENTRIES_BEFORE_GROWTH - 1));
      result.r2 = number(table.get(100));
    }
  }
}
