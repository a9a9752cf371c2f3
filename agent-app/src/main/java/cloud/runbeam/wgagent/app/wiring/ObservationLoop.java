package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.flight.DropBursts;
import cloud.runbeam.wgagent.app.health.AgentHealth;
import cloud.runbeam.wgagent.app.health.HealthWatch;
import cloud.runbeam.wgagent.app.history.LinkHistory;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.engine.io.WallClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Looks at everything every ten seconds, and once a minute writes down how links are. A machine
 * with thousands of peers is looked at once a minute only: a look at 10,000 takes some
 * milliseconds. On a virtual thread of its own.
 */
final class ObservationLoop implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(ObservationLoop.class);

  private static final Duration INTERVAL = Duration.ofSeconds(10);
  private static final long LOOKS_PER_POINT = LinkHistory.INTERVAL.dividedBy(INTERVAL);
  private static final int MANY_PEERS = 2_000;

  private final HealthWatch watch;
  private final LinkHistory history;
  private final WallClock clock;
  private final DropBursts bursts = new DropBursts();
  private volatile @Nullable CountDownLatch ending;

  ObservationLoop(HealthWatch watch, LinkHistory history, WallClock clock) {
    this.watch = watch;
    this.history = history;
    this.clock = clock;
  }

  @Override
  public void start() {
    CountDownLatch end = new CountDownLatch(1);
    ending = end;
    Thread.ofVirtual().name("wg-observe").start(() -> run(end));
  }

  private void run(CountDownLatch end) {
    int peers = 0;
    try {
      for (long round = 1; !end.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS); round++) {
        boolean minute = round % LOOKS_PER_POINT == 0;
        if (minute || peers < MANY_PEERS) {
          peers = look(minute);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException fault) {
      log.error("health is no longer watched; please report this and restart the agent", fault);
    }
  }

  private int look(boolean minute) {
    AgentHealth health = watch.look();
    List<NetworkStatus> networks =
        health.networks().stream().map(AgentHealth.OfNetwork::status).toList();
    bursts.look(networks);
    if (minute) {
      history.sample(networks, clock.now());
    }
    return health.networks().stream().mapToInt(network -> network.health().peers().size()).sum();
  }

  @Override
  public void stop() {
    CountDownLatch end = ending;
    if (end != null) {
      end.countDown();
      ending = null;
    }
  }

  @Override
  public boolean isRunning() {
    return ending != null;
  }

  @Override
  public int getPhase() {
    return LifecyclePhases.CONTROL + 1;
  }
}
