package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.tunnel.ConfirmedApply;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import cloud.runbeam.wgagent.platform.api.NetworkChange;
import cloud.runbeam.wgagent.platform.api.NetworkMonitor;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one background thread of the tunnels: lets them look after themselves once a second, and at
 * once when this machine's network changed.
 */
final class TunnelPulse implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TunnelPulse.class);

  private static final long INTERVAL_MS = 1_000;

  private final TunnelService tunnels;
  private final ConfirmedApply confirmed;
  private final NetworkMonitor monitor;
  private final Semaphore news = new Semaphore(0);
  private NetworkMonitor.@Nullable Watch watch;
  private @Nullable Thread thread;

  TunnelPulse(TunnelService tunnels, ConfirmedApply confirmed, NetworkMonitor monitor) {
    this.tunnels = tunnels;
    this.confirmed = confirmed;
    this.monitor = monitor;
  }

  /** Begins; the caller is the only one who starts and closes. */
  void start() {
    try {
      watch = monitor.watch(this::changed);
    } catch (PlatformException refused) {
      log.warn("changes of the network are noticed late: {}", refused.getMessage());
    }
    thread = Thread.ofVirtual().name("wg-pulse").start(this::run);
  }

  private void changed(NetworkChange change) {
    tunnels.networkChanged(change);
    news.release();
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        boolean _ = news.tryAcquire(INTERVAL_MS, TimeUnit.MILLISECONDS);
        int _ = news.drainPermits();
        beat();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void beat() {
    try {
      tunnels.tick();
      confirmed.tick();
    } catch (RuntimeException fault) {
      log.error("a look after the tunnels failed; the next one follows in a second", fault);
    }
  }

  @Override
  public void close() {
    if (watch != null) {
      watch.close();
    }
    Thread running = thread;
    if (running != null) {
      running.interrupt();
      thread = null;
    }
  }
}
