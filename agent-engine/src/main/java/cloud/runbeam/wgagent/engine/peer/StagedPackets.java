package cloud.runbeam.wgagent.engine.peer;

import cloud.runbeam.wgagent.engine.memory.PacketBuffer;
import cloud.runbeam.wgagent.engine.timer.ProtocolTimings;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Frames that wait for a session, oldest first; bounded, and when full the oldest gives way, since
 * the newest is worth most to its sender.
 *
 * <p>The outbound thread adds, the conductor takes. A lock is right here: frames are staged only
 * while there is no session, never in steady state.
 */
public final class StagedPackets {
  private final ArrayDeque<PacketBuffer> frames = new ArrayDeque<>(0);
  private boolean closed;

  /**
   * Adds the newest frame; ownership moves here.
   *
   * @return whether a frame was lost for it: the oldest was pushed out, or nothing waits here any
   *     more
   */
  public synchronized boolean add(PacketBuffer frame) {
    if (closed) {
      frame.close();
      return true;
    }
    boolean full = frames.size() >= ProtocolTimings.MAX_STAGED_PACKETS;
    if (full) {
      frames.removeFirst().close();
    }
    frames.addLast(frame);
    return full;
  }

  /** Takes the oldest frame, or null; ownership moves to the caller. */
  public synchronized @Nullable PacketBuffer poll() {
    return frames.pollFirst();
  }

  /** Whether nothing waits. */
  public synchronized boolean isEmpty() {
    return frames.isEmpty();
  }

  /** Gives all frames back, also those that come later: the peer is gone. */
  public synchronized int close() {
    closed = true;
    return discard();
  }

  /**
   * Gives all frames back to their pool.
   *
   * @return how many there were
   */
  public synchronized int discard() {
    int count = frames.size();
    frames.forEach(PacketBuffer::close);
    frames.clear();
    return count;
  }
}
