package cloud.runbeam.wgagent.app.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code up}: the agent itself, in the foreground. The only verb that loads Spring. */
@Command(
    name = "up",
    aliases = "start",
    description = "Run the agent in the foreground with the networks of a configuration file.")
public final class UpVerb implements Callable<Integer> {
  /** The Spring application, which this package does not know. */
  @FunctionalInterface
  public interface Agent {
    /**
     * Runs until the process is told to end.
     *
     * @param config the file, or empty for the default one
     * @return the exit code
     */
    int run(Optional<Path> config);
  }

  private final Agent agent;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration file (default: WG_AGENT_CONFIG or /etc/wg-agent/config.toml).")
  private Optional<Path> config = Optional.empty();

  UpVerb(Agent agent) {
    this.agent = agent;
  }

  @Override
  public Integer call() {
    return agent.run(config);
  }
}
