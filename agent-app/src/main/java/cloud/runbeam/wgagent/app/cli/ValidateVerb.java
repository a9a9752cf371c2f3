package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.ConfigLoader;
import cloud.runbeam.wgagent.app.config.ConfigResult;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code validate}: every problem of a configuration file at once, one a line, in the form
 * compilers use.
 */
@Command(name = "validate", description = "Check a configuration file and report every problem.")
final class ValidateVerb implements Callable<Integer> {
  private final Terminal terminal;
  private final Map<String, String> environment;

  @Parameters(index = "0", paramLabel = "FILE", description = "The TOML file.")
  private Path file = Path.of("");

  ValidateVerb(Terminal terminal, Map<String, String> environment) {
    this.terminal = terminal;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    return switch (new ConfigLoader(environment).load(file)) {
      case ConfigResult.Loaded(AgentConfig config) -> accept(config);
      case ConfigResult.Rejected rejected -> reject(rejected);
    };
  }

  private int accept(AgentConfig config) {
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
