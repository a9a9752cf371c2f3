package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes that are taken back unless somebody says in time that the machine can still be reached.
 *
 * <pre>
 *   none ──apply──▶ pending ──confirm──▶ none, the change stays
 *                      └──time is up, rollBack──▶ none, everything is as before
 * </pre>
 *
 * <p>One change can be pending at a time. What was changed by others in the meantime is not taken
 * back. Nothing of it survives the process: an agent that starts does what the file says. Any
 * thread; {@link #tick} by one, about once a second.
 */
public final class ConfirmedApply {
  /** The longest time to wait for a confirmation. */
  public static final Duration LONGEST = Duration.ofHours(1);

  private static final Logger log = LoggerFactory.getLogger(ConfirmedApply.class);

  private final TunnelService tunnels;
  private final MonotonicClock clock;

  /** Held while a change is made and while it is taken back, so that neither meets the other. */
  private final ReentrantLock lock = new ReentrantLock();

  private volatile @Nullable Waiting waiting;

  /** Nothing is pending. */
  public ConfirmedApply(TunnelService tunnels, MonotonicClock clock) {
    this.tunnels = tunnels;
    this.clock = clock;
  }

  /**
   * As {@link TunnelService#reload(List)}, to be confirmed.
   *
   * @param within 1 s to {@link #LONGEST}
   * @throws TunnelException if a change is pending already, or as the reload does; where that has
   *     changed some networks all the same, they are changed back
   */
  public List<NetworkDiff> apply(List<NetworkConfig> wanted, Duration within)
      throws TunnelException {
    return apply(() -> tunnels.reload(wanted), within);
  }

  /**
   * As {@link TunnelService#reload(NetworkConfig)}, to be confirmed.
   *
   * @param within 1 s to {@link #LONGEST}
   * @throws TunnelException if a change is pending already, or as the reload does
   */
  public NetworkDiff apply(NetworkConfig wanted, Duration within) throws TunnelException {
    return apply(() -> List.of(tunnels.reload(wanted)), within).getFirst();
  }

  /**
   * As {@link TunnelService#reloadFromFile}, to be confirmed.
   *
   * @param within 1 s to {@link #LONGEST}
   * @throws TunnelException if a change is pending already, or as the reload does
   */
  public NetworkDiff applyFromFile(NetworkConfig wanted, Duration within) throws TunnelException {
    return apply(() -> List.of(tunnels.reloadFromFile(wanted)), within).getFirst();
  }

  private List<NetworkDiff> apply(Change change, Duration within) throws TunnelException {
    if (within.compareTo(Duration.ofSeconds(1)) < 0 || within.compareTo(LONGEST) > 0) {
      throw new TunnelException(
          TunnelException.Reason.CONFIG,
          "a change cannot wait "
              + within.toSeconds()
              + " s for its confirmation: allow 1 to "
              + LONGEST.toSeconds()
              + " s");
    }
    lock.lock();
    try {
      if (waiting != null) {
        throw new TunnelException(
            TunnelException.Reason.INVALID_STATE,
            "a change waits for its confirmation already: confirm it, or wait until it is taken"
                + " back");
      }
      Checkpoint before = tunnels.checkpoint();
      List<NetworkDiff> diffs;
      try {
        diffs = change.make();
      } catch (TunnelException refused) {
        goBack(new Waiting(before, tunnels.checkpoint(), 0, List.of()));
        throw refused;
      }
      waiting = new Waiting(before, tunnels.checkpoint(), clock.nowNs() + within.toNanos(), diffs);
      log.info("changes are taken back in {} s unless they are confirmed", within.toSeconds());
      return diffs;
    } finally {
      lock.unlock();
    }
  }

  /** How long the pending change still waits; empty if none is pending. Never waits. */
  public Optional<Duration> remaining() {
    Waiting pending = waiting;
    return pending == null
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(Math.max(0, pending.deadlineNs() - clock.nowNs())));
  }

  /**
   * The pending change stays.
   *
   * @return what it had changed
   * @throws TunnelException if none is pending
   */
  public List<NetworkDiff> confirm() throws TunnelException {
    lock.lock();
    try {
      List<NetworkDiff> diffs = take().diffs();
      log.info("changes are confirmed");
      return diffs;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the pending change back now.
   *
   * @return what it had changed
   * @throws TunnelException if none is pending, or if something cannot be taken back
   */
  public List<NetworkDiff> rollBack() throws TunnelException {
    lock.lock();
    try {
      Waiting pending = take();
      goBack(pending);
      return pending.diffs();
    } finally {
      lock.unlock();
    }
  }

  /** Takes the pending change back if its time is up. */
  public void tick() {
    Waiting pending = waiting;
    if (pending == null || pending.deadlineNs() - clock.nowNs() > 0) {
      return;
    }
    lock.lock();
    try {
      if (waiting == pending) {
        waiting = null;
        log.warn("changes were not confirmed in time");
        goBack(pending);
      }
    } catch (TunnelException refused) {
      log.error("changes that were not confirmed stay: {}", refused.getMessage());
    } finally {
      lock.unlock();
    }
  }

  private Waiting take() throws TunnelException {
    Waiting pending = waiting;
    if (pending == null) {
      throw new TunnelException(
          TunnelException.Reason.INVALID_STATE,
          "no change waits for a confirmation: it was confirmed, or taken back when its time was"
              + " up");
    }
    waiting = null;
    return pending;
  }

  private void goBack(Waiting change) throws TunnelException {
    Set<String> names = new LinkedHashSet<>(change.after().networks().keySet());
    names.addAll(change.before().networks().keySet());
    List<TunnelException> failures = new ArrayList<>();
    for (String name : names) {
      Optional<Checkpoint.Saved> before = change.before().of(name);
      Optional<Checkpoint.Saved> after = change.after().of(name);
      if (before.equals(after)) {
        continue;
      }
      try {
        if (tunnels.restore(name, before, after)) {
          log.info("network {}: is as it was before", name);
        } else {
          log.warn("network {}: was changed since, and is left as it is", name);
        }
      } catch (TunnelException refused) {
        failures.add(refused);
      }
    }
    if (!failures.isEmpty()) {
      TunnelException first = failures.getFirst();
      throw new TunnelException(
          first.reason(),
          String.join("; ", failures.stream().map(Throwable::getMessage).toList()),
          first);
    }
  }

  /** Something that changes networks. */
  @FunctionalInterface
  private interface Change {
    List<NetworkDiff> make() throws TunnelException;
  }

  /** A change that was made. */
  private record Waiting(
      Checkpoint before, Checkpoint after, long deadlineNs, List<NetworkDiff> diffs) {}
}
