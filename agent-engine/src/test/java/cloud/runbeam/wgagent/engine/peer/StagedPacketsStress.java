package cloud.runbeam.wgagent.engine.peer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import cloud.runbeam.wgagent.engine.memory.PacketArena;
import cloud.runbeam.wgagent.engine.memory.PacketBuffer;
import cloud.runbeam.wgagent.engine.memory.PacketBufferPool;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZIZ_Result;

/** A frame is staged while the conductor takes the frames or the peer goes: no buffer is lost. */
public final class StagedPacketsStress {
  private static final PacketArena ARENA = new PacketArena();

  /** Pools are off-heap memory and would not go away with the states: they are used again. */
  private static final ConcurrentLinkedQueue<PacketBufferPool> POOLS =
      new ConcurrentLinkedQueue<>();

  private StagedPacketsStress() {}

  private static PacketBufferPool pool() {
    PacketBufferPool pool = POOLS.poll();
    return pool == null ? new PacketBufferPool(ARENA, 1, 64) : pool;
  }

  /** Whether the only buffer is back; then the pool serves another state. */
  private static boolean isFull(PacketBufferPool pool) {
    boolean full = pool.available() == 1;
    if (full) {
      POOLS.add(pool);
    }
    return full;
  }

  /** The peer is removed. */
  @JCStressTest
  @Outcome(
      id = "true, 0, true",
      expect = ACCEPTABLE,
      desc = "The peer was gone; the frame is lost at once.")
  @Outcome(id = "false, 1, true", expect = ACCEPTABLE, desc = "Staged, then lost with the peer.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "The frame waits for ever, or was lost without being counted.")
  @State
  public static class NothingIsStagedForAPeerThatIsGone {
    private final PacketBufferPool pool = pool();
    private final PacketBuffer frame = Objects.requireNonNull(pool.tryAcquire());
    private final StagedPackets staged = new StagedPackets();

    @Actor
    public void outbound(ZIZ_Result result) {
      result.r1 = staged.add(frame);
    }

    @Actor
    public void conductor(ZIZ_Result result) {
      result.r2 = staged.close();
    }

    @Arbiter
    public void after(ZIZ_Result result) {
      result.r3 = isFull(pool);
    }
  }

  /** A session came up: the conductor sends what waits. */
  @JCStressTest
  @Outcome(id = "true, 0, true", expect = ACCEPTABLE, desc = "Sent by this round.")
  @Outcome(
      id = "false, 1, true",
      expect = ACCEPTABLE,
      desc = "Waits for the round that the outbound thread asks for.")
  @Outcome(expect = FORBIDDEN, desc = "Lost, or sent twice.")
  @State
  public static class FrameIsTakenOnce {
    private final PacketBufferPool pool = pool();
    private final PacketBuffer frame = Objects.requireNonNull(pool.tryAcquire());
    private final StagedPackets staged = new StagedPackets();

    @Actor
    public void outbound() {
      staged.add(frame);
    }

    @Actor
    public void conductor(ZIZ_Result result) {
      PacketBuffer taken = staged.poll();
      if (taken != null) {
        result.r1 = true;
        taken.close();
      }
    }

    @Arbiter
    public void after(ZIZ_Result result) {
      result.r2 = staged.discard();
      result.r3 = isFull(pool);
    }
  }
}
