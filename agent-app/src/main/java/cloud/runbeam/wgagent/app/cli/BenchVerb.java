package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.bench.Bench;
import cloud.runbeam.wgagent.app.bench.BenchReport;
import cloud.runbeam.wgagent.app.bench.BenchTable;
import cloud.runbeam.wgagent.app.device.InstalledPlatform;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code bench}: how fast the engine is on this machine. */
final class BenchVerb implements Verb {
  private static final int DEFAULT_SECONDS = 10;
  private static final int MAX_SECONDS = 600;

  private static final VerbSyntax.Option SECONDS =
      VerbSyntax.Option.value(
          "--seconds", "N", "measure for that long altogether (default: " + DEFAULT_SECONDS + ")");
  private static final VerbSyntax.Option JSON =
      VerbSyntax.Option.flag("--json", "print the figures as JSON");

  private final Terminal terminal;

  BenchVerb(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public VerbSyntax syntax() {
    return new VerbSyntax(
        "bench",
        "Measure the engine against itself on this machine; needs no rights.",
        Optional.empty(),
        List.of(SECONDS, JSON));
  }

  @Override
  public int run(Arguments arguments) throws UsageException, PlatformException, DeviceException {
    int seconds = seconds(arguments.value(SECONDS.name()));
    if (!arguments.has(JSON.name())) {
      terminal.err().println("measuring for " + seconds + " s ...");
    }
    BenchReport report = new Bench(InstalledPlatform.find(), Duration.ofSeconds(seconds)).run();
    terminal
        .out()
        .print(
            arguments.has(JSON.name())
                ? report.toJson().toIndentedJson() + "\n"
                : BenchTable.of(report));
    terminal.out().flush();
    return 0;
  }

  private static int seconds(Optional<String> text) throws UsageException {
    if (text.isEmpty()) {
      return DEFAULT_SECONDS;
    }
    try {
      int seconds = Integer.parseInt(text.get());
      if (seconds >= 1 && seconds <= MAX_SECONDS) {
        return seconds;
      }
    } catch (NumberFormatException _) {
      // Said below.
    }
    throw new UsageException("--seconds takes a number from 1 to " + MAX_SECONDS);
  }
}
