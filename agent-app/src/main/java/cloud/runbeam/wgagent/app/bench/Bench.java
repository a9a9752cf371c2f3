package cloud.runbeam.wgagent.app.bench;

import cloud.runbeam.wgagent.app.bench.BenchReport.AeadFigure;
import cloud.runbeam.wgagent.app.bench.BenchReport.Crossing;
import cloud.runbeam.wgagent.app.bench.BenchReport.PathFigure;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.io.OffloadState;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures, one thing after the other, so that nothing disturbs another; the tunnels first, because
 * they make the JVM compile what the rest needs:
 *
 * <pre>
 *   tunnel of packets 25 % -> one packet at a time 10 % -> tunnel of super-packets 25 %
 *   -> cipher 25 % -> handshakes 15 %
 * </pre>
 */
public final class Bench {
  private static final int INITIAL_KEYS = 64;

  private final PlatformPlugin platform;
  private final long budgetNs;

  /**
   * A bench.
   *
   * @param duration of everything together; shorter than a few seconds measures the JVM's start
   */
  public Bench(PlatformPlugin platform, Duration duration) {
    this.platform = platform;
    this.budgetNs = duration.toNanos();
  }

  /**
   * Measures.
   *
   * @throws PlatformException if sockets or packets are kept from working
   */
  public BenchReport run() throws PlatformException, DeviceException {
    List<PathFigure> paths = new ArrayList<>();
    Crossing crossing;
    List<OffloadState> found = new ArrayList<>(platform.offloads());
    try (BenchTunnel tunnel = new BenchTunnel(platform, Frames.PACKETS)) {
      paths.add(tunnel.flood(share(25)));
      crossing = tunnel.crossing(share(10));
      // Those of the sockets that were used know better what the kernel refused.
      tunnel
          .offloads()
          .forEach(used -> {
            found.removeIf(other -> other.kind().equals(used.kind()));
            found.add(used);
          });
    }
    try (BenchTunnel tunnel = new BenchTunnel(platform, Frames.SUPER_PACKETS)) {
      paths.add(tunnel.flood(share(25)));
    }
    List<AeadFigure> aead;
    double handshakesPerSecond;
    try (KeyArena keys = new KeyArena(platform.memoryGuard(), INITIAL_KEYS)) {
      aead = AeadBench.run(keys, platform.entropy(), share(25));
      try (HandshakeBench handshakes = new HandshakeBench(keys, platform.entropy())) {
        handshakesPerSecond = handshakes.answeredPerSecond(share(15));
      }
    }
    return new BenchReport(
        host(),
        Runtime.getRuntime().availableProcessors(),
        aead,
        handshakesPerSecond,
        paths,
        crossing,
        found);
  }

  private long share(int percent) {
    return budgetNs * percent / 100;
  }

  private static String host() {
    return System.getProperty("os.name")
        + " "
        + System.getProperty("os.version")
        + " "
        + System.getProperty("os.arch")
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " processors, Java "
        + Runtime.version();
  }
}
