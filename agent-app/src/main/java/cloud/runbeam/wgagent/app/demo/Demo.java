package cloud.runbeam.wgagent.app.demo;

import cloud.runbeam.wgagent.app.command.ByteCount;
import cloud.runbeam.wgagent.app.device.Stopping;
import cloud.runbeam.wgagent.engine.CloseReason;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToLongFunction;

/**
 * The demonstration from the first line it prints to the last.
 *
 * <pre>
 *   open the tunnel -> say what there is -> once:  echo until all is proven or 10 s are over -> verdict
 *                                        -> live:  a row each second until Ctrl-C or the interface goes
 * </pre>
 */
public final class Demo {
  private static final Duration PROOF_TIME = Duration.ofSeconds(10);
  private static final Duration ECHO_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration ROW_INTERVAL = Duration.ofSeconds(1);

  private final PlatformPlugin platform;
  private final PrintStream out;
  private final PrintStream err;

  /**
   * A demonstration.
   *
   * @param out what happens
   * @param err why it went wrong
   */
  public Demo(PlatformPlugin platform, PrintStream out, PrintStream err) {
    this.platform = platform;
    this.out = out;
    this.err = err;
  }

  /**
   * Proves that traffic flows in both directions, and ends.
   *
   * @return the exit code: 0 with proof, 1 without
   */
  public int once(boolean inMemory) throws PlatformException, DeviceException {
    try (Stopping<DemoTunnel> running = open(inMemory)) {
      DemoTunnel tunnel = running.get();
      introduce(tunnel);
      long startNs = System.nanoTime();
      List<String> missing;
      do {
        EchoRound round = EchoRound.run(tunnel.probe(), tunnel.addresses(), ECHO_TIMEOUT);
        missing = missingProof(tunnel, round);
      } while (!missing.isEmpty() && System.nanoTime() - startNs < PROOF_TIME.toNanos());
      if (!missing.isEmpty()) {
        err.println(
            "wg-agent: the demo tunnel carried no proof within "
                + PROOF_TIME.toSeconds()
                + " s; missing: "
                + String.join(", ", missing));
        reportDrops(tunnel);
        return 1;
      }
      reportProof(tunnel, Duration.ofNanos(System.nanoTime() - startNs));
      return 0;
    }
  }

  private Stopping<DemoTunnel> open(boolean inMemory) throws PlatformException, DeviceException {
    DemoTunnel tunnel = DemoTunnel.open(platform, inMemory);
    String farewell = tunnel.hasInterface() ? tunnel.name() + " is removed." : "";
    return Stopping.atExit(tunnel, () -> out.println("Stopped. " + farewell));
  }

  private static List<String> missingProof(DemoTunnel tunnel, EchoRound round) {
    List<String> missing = new ArrayList<>(round.missing());
    Optional<PeerSnapshot> far = tunnel.farPeer();
    Optional<PeerSnapshot> near = tunnel.nearPeer();
    if (far.flatMap(PeerSnapshot::lastHandshake).isEmpty()) {
      missing.add("a handshake");
    }
    if (sum(far, PeerSnapshot::txBytes) == 0 || sum(near, PeerSnapshot::rxBytes) == 0) {
      missing.add("bytes sent to the peer");
    }
    if (sum(far, PeerSnapshot::rxBytes) == 0 || sum(near, PeerSnapshot::txBytes) == 0) {
      missing.add("bytes received from the peer");
    }
    return missing;
  }

  private static long sum(Optional<PeerSnapshot> peer, ToLongFunction<PeerSnapshot> bytes) {
    return peer.map(bytes::applyAsLong).orElse(0L);
  }

  private void reportProof(DemoTunnel tunnel, Duration took) {
    Optional<PeerSnapshot> peer = tunnel.farPeer();
    out.println(
        "Proven in "
            + took.toMillis()
            + " ms: handshake, ICMP echo and UDP echo over "
            + (tunnel.addresses().size() == 2 ? "IPv4 and IPv6" : "IPv4")
            + "; sent "
            + ByteCount.text(sum(peer, PeerSnapshot::txBytes))
            + ", received "
            + ByteCount.text(sum(peer, PeerSnapshot::rxBytes))
            + ".");
  }

  private void reportDrops(DemoTunnel tunnel) {
    for (DeviceSnapshot device : List.of(tunnel.nearSnapshot(), tunnel.farSnapshot())) {
      err.println(
          "  "
              + device.interfaceName()
              + ": up "
              + device.up()
              + ", port "
              + device.listenPort()
              + ", dropped "
              + device.drops()
              + ", for the peer "
              + device.peers().stream().map(PeerSnapshot::drops).toList());
    }
  }

  /**
   * Shows the tunnel at work until it is stopped by a signal, which ends the process, or its
   * interface is deleted.
   *
   * @return the exit code of a demo that was not stopped but ended
   */
  public int live(boolean inMemory) throws PlatformException, DeviceException {
    try (Stopping<DemoTunnel> running = open(inMemory)) {
      DemoTunnel tunnel = running.get();
      introduce(tunnel);
      try (HealthPage page = new HealthPage(tunnel::nearSnapshot)) {
        suggest(tunnel, page);
        return showRows(tunnel);
      } catch (IOException e) {
        throw new PlatformException(
            "cannot serve the demo's health page", e.toString(), "free a TCP port on 127.0.0.1");
      }
    }
  }

  private int showRows(DemoTunnel tunnel) {
    DemoTable table = new DemoTable(out);
    EchoProbe probe = tunnel.probe();
    long startNs = System.nanoTime();
    long nextNs = startNs;
    while (!endsWithin(tunnel, nextNs - System.nanoTime())) {
      EchoRound round = EchoRound.run(probe, tunnel.addresses(), ECHO_TIMEOUT);
      Optional<PeerSnapshot> peer = tunnel.farPeer();
      if (peer.isEmpty()) {
        break;
      }
      Duration elapsed = Duration.ofNanos(System.nanoTime() - startNs);
      table.row(elapsed, peer.get(), round);
      nextNs = Math.max(nextNs + ROW_INTERVAL.toNanos(), System.nanoTime());
    }
    if (tunnel.ended().getNow(CloseReason.FAILED) == CloseReason.CLOSED) {
      return 0;
    }
    err.println(
        "wg-agent: somebody removed " + tunnel.name() + " or its peer; the demo ends with it.");
    return 1;
  }

  private static boolean endsWithin(DemoTunnel tunnel, long waitNs) {
    try {
      tunnel.ended().get(Math.max(0, waitNs), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a device ends with a reason, never with a failure", e);
    }
  }

  private void introduce(DemoTunnel tunnel) {
    DeviceSnapshot near = tunnel.nearSnapshot();
    DeviceSnapshot far = tunnel.farSnapshot();
    for (String remark : tunnel.remarks()) {
      out.println("Note: " + remark);
    }
    out.println(
        tunnel.name()
            + " is up: UDP 127.0.0.1:"
            + near.listenPort()
            + ", embedded peer at 127.0.0.1:"
            + far.listenPort());
    for (DemoAddresses addresses : tunnel.addresses()) {
      out.println("  " + addresses.near() + "  <->  " + addresses.far().addressText());
    }
  }

  private void suggest(DemoTunnel tunnel, HealthPage page) {
    out.println("While it runs, try in another terminal:");
    if (tunnel.hasInterface()) {
      for (DemoAddresses addresses : tunnel.addresses()) {
        out.println("  ping " + addresses.far().addressText());
      }
    }
    if (tunnel.hasUapi()) {
      out.println("  wg show " + tunnel.name());
    }
    out.println("  curl -s " + page.url());
    out.println("Ctrl-C stops it and removes everything.");
  }
}
