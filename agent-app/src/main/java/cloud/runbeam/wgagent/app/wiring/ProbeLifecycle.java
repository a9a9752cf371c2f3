package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.probe.ProbeAgent;
import cloud.runbeam.wgagent.app.tunnel.Events;
import cloud.runbeam.wgagent.app.tunnel.Subscription;
import cloud.runbeam.wgagent.app.tunnel.Topic;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Gives probing a thread while there is something to probe. A round blocks in the system, so that
 * the thread is one of the system's; waiting for work, which is what happens without {@code probe},
 * is done by a virtual one.
 */
final class ProbeLifecycle implements SmartLifecycle {
  /** Events tell when to look; this is for those that were lost. */
  private static final Duration LOOK_INTERVAL = Duration.ofSeconds(60);

  private static final int QUEUE = 16;

  private final ProbeAgent agent;
  private final Events events;
  private @Nullable Thread waiter;

  ProbeLifecycle(ProbeAgent agent, Events events) {
    this.agent = agent;
    this.events = events;
  }

  @Override
  public synchronized void start() {
    waiter = Thread.ofVirtual().name("wg-probe-wait").start(this::await);
  }

  private void await() {
    try (Subscription news = events.subscribe(Set.of(Topic.STATE, Topic.CONFIG), QUEUE)) {
      while (!Thread.currentThread().isInterrupted()) {
        if (agent.hasWork()) {
          Thread prober = Thread.ofPlatform().daemon().name("wg-agent-probe").start(this::probe);
          try {
            prober.join();
          } finally {
            prober.interrupt();
          }
        } else {
          var _ = news.take(LOOK_INTERVAL);
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void probe() {
    try {
      while (agent.hasWork()) {
        Thread.sleep(agent.pass());
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void stop() {
    if (waiter != null) {
      waiter.interrupt();
      waiter = null;
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return waiter != null;
  }

  @Override
  public int getPhase() {
    return LifecyclePhases.TUNNELS + 1;
  }
}
