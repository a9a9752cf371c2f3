package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.device.InstalledPlatform;
import cloud.runbeam.wgagent.app.selftest.SelfTest;
import cloud.runbeam.wgagent.app.selftest.SelfTestReport;
import cloud.runbeam.wgagent.app.selftest.SelfTestTable;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code selftest}: whether this build works on this machine, proved rather than assumed. */
final class SelfTestVerb implements Verb {
  private static final VerbSyntax.Option JSON =
      VerbSyntax.Option.flag("--json", "print the results as JSON");
  private static final VerbSyntax.Option SEED =
      VerbSyntax.Option.value("--seed", "N", "repeat the chance of an earlier run");

  private final Terminal terminal;
  private final Map<String, String> variables;

  SelfTestVerb(Terminal terminal, Map<String, String> variables) {
    this.terminal = terminal;
    this.variables = variables;
  }

  @Override
  public VerbSyntax syntax() {
    return new VerbSyntax(
        "selftest",
        "Check cryptography, a tunnel in this process, and what this host offers.",
        Optional.empty(),
        List.of(JSON, SEED));
  }

  @Override
  public int run(Arguments arguments) throws UsageException, PlatformException {
    long seed = seed(arguments.value(SEED.name()));
    SelfTestReport report = new SelfTest(InstalledPlatform.find(), variables, seed).run();
    terminal
        .out()
        .print(
            arguments.has(JSON.name())
                ? report.toJson().toIndentedJson() + "\n"
                : SelfTestTable.of(report));
    terminal.out().flush();
    return report.passed() ? 0 : Verbs.FAILED;
  }

  private static long seed(Optional<String> text) throws UsageException {
    if (text.isEmpty()) {
      return System.nanoTime();
    }
    try {
      return Long.parseLong(text.get());
    } catch (NumberFormatException _) {
      throw new UsageException("--seed takes a whole number");
    }
  }
}
