package cloud.runbeam.wgagent.engine.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IZ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;
import org.openjdk.jcstress.infra.results.Z_Result;

/** Two threads borrow and return: no buffer has two owners, none gets lost. */
public final class PacketBufferPoolStress {
  private static final PacketArena ARENA = new PacketArena();

  /** Pools are off-heap memory and would not go away with the states: they are used again. */
  private static final ConcurrentLinkedQueue<PacketBufferPool> POOLS =
      new ConcurrentLinkedQueue<>();

  private static final int BUFFERS = 3;

  private PacketBufferPoolStress() {}

  private static PacketBufferPool pool() {
    PacketBufferPool pool = POOLS.poll();
    return pool == null ? new PacketBufferPool(ARENA, BUFFERS, 64) : pool;
  }

  /** Returns the pool for the next state if all its buffers are there, each once. */
  private static boolean isWhole(PacketBufferPool pool) {
    if (pool.available() != BUFFERS) {
      return false;
    }
    Set<PacketBuffer> buffers = new HashSet<>();
    for (int i = 0; i < BUFFERS; i++) {
      buffers.add(Objects.requireNonNull(pool.tryAcquire()));
    }
    boolean whole = buffers.size() == BUFFERS && pool.tryAcquire() == null;
    buffers.forEach(PacketBuffer::close);
    if (whole) {
      POOLS.add(pool);
    }
    return whole;
  }

  private static boolean areTwo(@Nullable PacketBuffer one, @Nullable PacketBuffer other) {
    return one != null && other != null && one != other;
  }

  private static boolean giveBack(@Nullable PacketBuffer one, @Nullable PacketBuffer other) {
    Objects.requireNonNull(one).close();
    Objects.requireNonNull(other).close();
    return true;
  }

  /** Both borrow at once, from a pool that has no memory yet the first time. */
  @JCStressTest
  @Outcome(
      id = "true, true",
      expect = ACCEPTABLE,
      desc = "Two buffers, and all of them back later.")
  @Outcome(expect = FORBIDDEN, desc = "One buffer for both, none for one, or one lost.")
  @State
  public static class BorrowersGetDifferentBuffers {
    private final PacketBufferPool pool = pool();
    private volatile @Nullable PacketBuffer first;
    private volatile @Nullable PacketBuffer second;

    @Actor
    public void outbound() {
      first = pool.tryAcquire();
    }

    @Actor
    public void inbound() {
      second = pool.tryAcquire();
    }

    @Arbiter
    public void after(ZZ_Result result) {
      result.r1 = areTwo(first, second);
      result.r2 = result.r1 && giveBack(first, second) && isWhole(pool);
    }
  }

  /** The last buffer goes back while another thread asks for one. */
  @JCStressTest
  @Outcome(id = "0, true", expect = ACCEPTABLE, desc = "Asked before: back-pressure.")
  @Outcome(
      id = "42, true",
      expect = ACCEPTABLE,
      desc = "Asked after, and sees what the former owner wrote.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "The content of before is not seen: two owners' writes could mix.")
  @State
  public static class ReturnedContentIsSeen {
    private final PacketBufferPool pool = pool();
    private final PacketBuffer lent = Objects.requireNonNull(pool.tryAcquire());
    private final PacketBuffer other = Objects.requireNonNull(pool.tryAcquire());
    private final PacketBuffer another = Objects.requireNonNull(pool.tryAcquire());

    public ReturnedContentIsSeen() {
      lent.memory().set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
    }

    @Actor
    public void conductor() {
      lent.memory().set(ValueLayout.JAVA_BYTE, 0, (byte) 42);
      lent.close();
    }

    @Actor
    public void outbound(IZ_Result result) {
      PacketBuffer buffer = pool.tryAcquire();
      if (buffer != null) {
        result.r1 = buffer.memory().get(ValueLayout.JAVA_BYTE, 0);
        buffer.close();
      }
    }

    @Arbiter
    public void after(IZ_Result result) {
      other.close();
      another.close();
      result.r2 = isWhole(pool);
    }
  }

  /**
   * One thread takes two buffers and puts the first one back, so that the head of the stack looks
   * as it did while the link below it has changed, just while the other takes one.
   */
  @JCStressTest
  @Outcome(id = "true", expect = ACCEPTABLE, desc = "Every buffer is there, each once.")
  @Outcome(expect = FORBIDDEN, desc = "The head was mistaken for one that stood still (ABA).")
  @State
  public static class HeadThatComesBackIsNotMistaken {
    private final PacketBufferPool pool = pool();
    private volatile @Nullable PacketBuffer kept;
    private volatile @Nullable PacketBuffer taken;

    @Actor
    public void inbound() {
      PacketBuffer first = pool.tryAcquire();
      kept = pool.tryAcquire();
      Objects.requireNonNull(first).close();
    }

    @Actor
    public void outbound() {
      taken = pool.tryAcquire();
    }

    @Arbiter
    public void after(Z_Result result) {
      result.r1 = areTwo(kept, taken) && giveBack(kept, taken) && isWhole(pool);
    }
  }
}
