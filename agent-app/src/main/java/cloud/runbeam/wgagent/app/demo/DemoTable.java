package cloud.runbeam.wgagent.app.demo;

import cloud.runbeam.wgagent.app.command.ByteCount;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** The live table: one row for each second, the heading again after every screenful. */
final class DemoTable {
  private static final int ROWS_PER_HEADING = 20;

  private final PrintStream out;
  private int rows;

  DemoTable(PrintStream out) {
    this.out = out;
  }

  /** Adds a row. */
  void row(Duration elapsed, PeerSnapshot peer, EchoRound round) {
    if (rows % ROWS_PER_HEADING == 0) {
      out.println();
      out.println(
          "   time    handshake    ICMP echo     UDP echo         sent     received   lost");
    }
    rows++;
    out.println(
        String.format(
            Locale.ROOT,
            "%5d s  %11s  %11s  %11s  %11s  %11s  %5d",
            elapsed.toSeconds(),
            handshakeAge(peer.lastHandshake()),
            roundTrip(round.icmpIpv4()),
            roundTrip(round.udpIpv4()),
            ByteCount.text(peer.txBytes()),
            ByteCount.text(peer.rxBytes()),
            round.missing().size()));
  }

  private static String handshakeAge(Optional<Instant> handshake) {
    return handshake
        .map(at -> Math.max(0, Duration.between(at, Instant.now()).toSeconds()) + " s ago")
        .orElse("none yet");
  }

  private static String roundTrip(Optional<Duration> time) {
    return time.map(duration -> String.format(Locale.ROOT, "%.2f ms", duration.toNanos() / 1e6))
        .orElse("no answer");
  }
}
