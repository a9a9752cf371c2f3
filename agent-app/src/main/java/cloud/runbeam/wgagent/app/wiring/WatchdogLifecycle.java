package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.engine.EnginePulse;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.platform.api.ServiceNotifier;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Feeds the service manager's watchdog as long as packet threads and the conductor get on. When one
 * hangs, it says which and where, and lets the watchdog starve: the service manager then ends the
 * process and starts it again.
 */
final class WatchdogLifecycle implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(WatchdogLifecycle.class);

  /** Looks within the time that the service manager grants: two may come late. */
  private static final int LOOKS = 3;

  private final ServiceNotifier serviceManager;
  private final EnginePulse pulse;
  private @Nullable CountDownLatch ending;

  WatchdogLifecycle(ServiceNotifier serviceManager, WireGuardEngine engine) {
    this.serviceManager = serviceManager;
    this.pulse = engine.pulse();
  }

  @Override
  public synchronized void start() {
    CountDownLatch end = new CountDownLatch(1);
    ending = end;
    serviceManager
        .watchdog()
        .ifPresent(time ->
            Thread.ofVirtual().name("watchdog").start(() -> watch(time.dividedBy(LOOKS), end)));
  }

  private void watch(Duration pause, CountDownLatch end) {
    try {
      do {
        look();
      } while (!end.await(pause.toNanos(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Feeds the watchdog, or says who hangs. */
  void look() {
    List<String> hung = pulse.hungSinceLastLook();
    if (hung.isEmpty()) {
      serviceManager.alive();
      return;
    }
    Thread.getAllStackTraces()
        .forEach((thread, stack) -> {
          if (hung.contains(thread.getName())) {
            log.error("{} hangs in {}", thread.getName(), List.of(stack));
          }
        });
    log.error("the service manager's watchdog is not fed, because of {}", hung);
  }

  @Override
  public synchronized void stop() {
    CountDownLatch end = ending;
    if (end != null) {
      end.countDown();
      ending = null;
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return ending != null;
  }

  @Override
  public int getPhase() {
    return LifecyclePhases.TUNNELS;
  }
}
