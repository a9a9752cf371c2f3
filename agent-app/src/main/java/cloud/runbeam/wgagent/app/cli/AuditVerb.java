package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.audit.AuditLog;
import cloud.runbeam.wgagent.app.audit.AuditVerifier;
import cloud.runbeam.wgagent.app.config.AgentSettings;
import cloud.runbeam.wgagent.app.config.ConfigLoader;
import cloud.runbeam.wgagent.app.config.ConfigResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code audit verify}: whether the log of changes is whole. Needs no running agent. */
final class AuditVerb implements Verb {
  private static final Path DEFAULT_CONFIG = Path.of("/etc/wg-agent/config.toml");

  private static final VerbSyntax.Option STATE_DIR =
      VerbSyntax.Option.value(
          "--state-dir", "DIR", "where the log is (default: state_dir of the configuration file)");

  private static final VerbSyntax.Option CONFIG =
      VerbSyntax.Option.value("--config", "FILE", "the configuration file that names state_dir");

  private final Terminal terminal;
  private final Map<String, String> variables;

  AuditVerb(Terminal terminal, Map<String, String> variables) {
    this.terminal = terminal;
    this.variables = variables;
  }

  @Override
  public VerbSyntax syntax() {
    return new VerbSyntax(
        "audit",
        "Verify the chain of the audit log: nothing changed, put in or taken out.",
        Optional.of(new VerbSyntax.Operand("verify", true, "the only thing to do with it")),
        List.of(STATE_DIR, CONFIG));
  }

  @Override
  public int run(Arguments arguments) throws UsageException, IOException {
    if (!arguments.requiredOperand().equals("verify")) {
      throw new UsageException("unknown action '" + arguments.requiredOperand() + "'; try verify");
    }
    Path directory =
        arguments.value(STATE_DIR.name()).map(Path::of).orElseGet(() -> stateDir(arguments));
    AuditVerifier.Verdict verdict = AuditVerifier.verify(directory, AuditLog.STANDARD_KEPT);
    verdict.remarks().forEach(remark -> terminal.out().println("note: " + remark));
    if (verdict.fault().isPresent()) {
      terminal.err().println("wg-agent: audit log is not whole: " + verdict.fault().get());
      return Verbs.FAILED;
    }
    terminal
        .out()
        .println(directory.resolve("audit.log") + ": whole, " + verdict.entries() + " entries");
    return 0;
  }

  /** As the agent would find it; a file with problems still leaves the default place to look. */
  private Path stateDir(Arguments arguments) {
    Path file =
        arguments
            .value(CONFIG.name())
            .or(() -> Optional.ofNullable(variables.get("WG_AGENT_CONFIG")))
            .map(Path::of)
            .orElse(DEFAULT_CONFIG);
    return switch (new ConfigLoader(variables).load(file)) {
      case ConfigResult.Loaded loaded -> loaded.config().agent().stateDir();
      case ConfigResult.Rejected _ ->
          Optional.ofNullable(variables.get("WG_AGENT_STATE_DIR"))
              .map(Path::of)
              .orElse(Path.of(AgentSettings.DEFAULT_STATE_DIR));
    };
  }
}
