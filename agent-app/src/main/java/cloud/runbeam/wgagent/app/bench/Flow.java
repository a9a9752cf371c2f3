package cloud.runbeam.wgagent.app.bench;

import java.io.IOException;
import java.util.OptionalLong;

/**
 * Lets payload into one device as it comes out of the other, so that no more is under way than an
 * ordinary user's socket buffer holds: what is measured is then the path, and not how fast packets
 * can be thrown away.
 *
 * <pre>
 *   stopped --flood--> flooding --stop--> stopped          take() waits unless there is room
 *   stopped --probe--> one frame under way --> stopped
 * </pre>
 *
 * <p>Thread-safe. Taken once per batch by each packet thread.
 */
final class Flow {
  /**
   * Payload under way at most: four super-packets. Without CAP_NET_ADMIN a socket buffer holds
   * twice net.core.rmem_max, 425,984 bytes by default, in which the kernel's own structures count.
   */
  static final long WINDOW_BYTES = 256 * 1024;

  /** When nothing has arrived for so long, what is under way is lost. */
  private static final long STALL_MS = 100;

  private boolean flooding;
  private boolean closed;
  private int probes;
  private long sentBytes;
  private long arrivedBytes;
  private long lostBytes;
  private long arrivedAtNs;

  /**
   * Waits until frames may go in.
   *
   * @param frameBytes payload of each
   * @param room the largest number wanted
   * @return how many, at least 1; 0 once closed
   */
  synchronized int take(int frameBytes, int room) throws IOException {
    int frames = 0;
    try {
      while (!closed && frames == 0) {
        long free = WINDOW_BYTES - underWayBytes();
        frames = flooding && free > 0 ? Math.clamp(free / frameBytes, 1, room) : probes;
        if (frames == 0) {
          long before = arrivedBytes;
          boolean stallsCount = flooding;
          wait(flooding ? STALL_MS : 0);
          if (stallsCount && flooding && arrivedBytes == before) {
            lostBytes += Math.max(0, underWayBytes());
          }
        }
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    probes = 0;
    sentBytes += (long) frames * frameBytes;
    return closed ? 0 : frames;
  }

  /** Says that payload came out. */
  synchronized void arrived(long bytes) {
    arrivedAtNs = System.nanoTime();
    arrivedBytes += bytes;
    notifyAll();
  }

  /** Lets one frame in; the nanoseconds until it came out, or nothing when it does not. */
  synchronized OptionalLong probe(long timeoutMs) throws IOException {
    long before = arrivedBytes;
    long startNs = System.nanoTime();
    probes = 1;
    notifyAll();
    try {
      long leftMs = timeoutMs;
      while (arrivedBytes == before && leftMs > 0) {
        wait(leftMs);
        leftMs = timeoutMs - (System.nanoTime() - startNs) / 1_000_000;
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    return arrivedBytes == before ? OptionalLong.empty() : OptionalLong.of(arrivedAtNs - startNs);
  }

  /** Lets frames in as fast as they come out, until {@link #stop}. */
  synchronized void flood() {
    sentBytes = arrivedBytes;
    lostBytes = 0;
    flooding = true;
    notifyAll();
  }

  synchronized void stop() {
    flooding = false;
    notifyAll();
  }

  /** Ends {@link #take} for good. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  synchronized long arrivedBytes() {
    return arrivedBytes;
  }

  /** Payload that never came out since the flood began. */
  synchronized long lostBytes() {
    return lostBytes;
  }

  private long underWayBytes() {
    return sentBytes - arrivedBytes - lostBytes;
  }

  private static IOException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IOException("interrupted", e);
  }
}
