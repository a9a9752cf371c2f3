package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.ConfigLoader;
import cloud.runbeam.wgagent.app.config.ConfigResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code validate}: every problem of a configuration file at once, one a line, in the form
 * compilers use.
 */
final class ValidateVerb implements Verb {
  private final Terminal terminal;
  private final Map<String, String> environment;

  ValidateVerb(Terminal terminal, Map<String, String> environment) {
    this.terminal = terminal;
    this.environment = environment;
  }

  @Override
  public VerbSyntax syntax() {
    return new VerbSyntax(
        "validate",
        "Check a configuration file and report every problem.",
        Optional.of(new VerbSyntax.Operand("FILE", true, "the TOML file")),
        List.of());
  }

  @Override
  public int run(Arguments arguments) {
    Path file = Path.of(arguments.requiredOperand());
    return switch (new ConfigLoader(environment).load(file)) {
      case ConfigResult.Loaded(AgentConfig config) -> accept(file, config);
      case ConfigResult.Rejected rejected -> reject(rejected);
    };
  }

  private int accept(Path file, AgentConfig config) {
    config.notices().forEach(notice -> terminal.err().println(notice));
    int networks = config.networks().size();
    terminal
        .out()
        .println(file + ": valid, " + networks + (networks == 1 ? " network" : " networks"));
    return 0;
  }

  private int reject(ConfigResult.Rejected rejected) {
    rejected.problems().forEach(problem -> terminal.err().println(problem));
    return Verbs.FAILED;
  }
}
