package cloud.runbeam.wgagent.app.bench;

import cloud.runbeam.wgagent.app.bench.BenchReport.AeadFigure;
import cloud.runbeam.wgagent.app.bench.BenchReport.PathFigure;
import cloud.runbeam.wgagent.engine.io.OffloadState;
import java.util.Locale;

/** A report for people, no line longer than a terminal of 80 columns. */
public final class BenchTable {
  private static final int COLUMNS = 80;
  private static final int INDENTATION = 16;

  private final StringBuilder text = new StringBuilder();

  private BenchTable() {}

  /** The whole table. */
  public static String of(BenchReport report) {
    BenchTable table = new BenchTable();
    table.wrap("", 0, report.host());
    table.aead(report);
    table.paths(report);
    table.line("");
    table.line("Handshakes");
    table.line(
        String.format(
            Locale.ROOT,
            "  %-28s %12.0f /s",
            "answered by one core",
            report.handshakesPerSecond()));
    table.line("");
    table.line("What this system does for a device");
    for (OffloadState offload : report.offloads()) {
      table.wrap(
          String.format(Locale.ROOT, "  %-14s", offload.kind()), INDENTATION, offload.text());
    }
    return table.text.toString();
  }

  private void aead(BenchReport report) {
    line("");
    line(
        String.format(
            Locale.ROOT,
            "%-20s %10s %12s %12s %14s",
            "Cipher",
            "bytes",
            "seal ns",
            "open ns",
            "open Gbit/s"));
    for (AeadFigure figure : report.aead()) {
      line(
          String.format(
              Locale.ROOT,
              "  %-18s %10d %12.0f %12.0f %14.2f",
              figure.provider() + (figure.inUse() ? " (in use)" : ""),
              figure.bytes(),
              figure.sealNs(),
              figure.openNs(),
              figure.bytes() * 8 / figure.openNs()));
    }
  }

  private void paths(BenchReport report) {
    line("");
    line(
        String.format(
            Locale.ROOT,
            "%-20s %10s %12s %12s %14s",
            "Tunnel in memory",
            "Gbit/s",
            "packets/s",
            "CPU s/GB",
            "garbage/packet"));
    for (PathFigure figure : report.paths()) {
      line(
          String.format(
              Locale.ROOT,
              "  %-18s %10.2f %12.0f %12.2f %12.0f B",
              figure.frames().replace('_', '-'),
              figure.gbitsPerSecond(),
              figure.packetsPerSecond(),
              figure.cpuSecondsPerGigabyte(),
              figure.garbageBytesPerPacket()));
    }
    line(
        String.format(
            Locale.ROOT,
            "  %-28s %9.0f us median, %.0f us p99",
            "one packet, end to end",
            report.crossing().medianUs(),
            report.crossing().p99Us()));
  }

  private void line(String line) {
    text.append(line).append('\n');
  }

  /** Breaks words over lines, those after the first indented. */
  private void wrap(String start, int indentation, String words) {
    StringBuilder line = new StringBuilder(start);
    for (String word : words.split(" ", -1)) {
      if (line.length() + 1 + word.length() > COLUMNS && line.length() > indentation) {
        line(line.toString());
        line.setLength(0);
        line.repeat(' ', indentation);
      } else if (!line.isEmpty() && line.length() > indentation) {
        line.append(' ');
      }
      line.append(word);
    }
    line(line.toString());
  }
}
