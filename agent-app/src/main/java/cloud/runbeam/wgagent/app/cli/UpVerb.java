package cloud.runbeam.wgagent.app.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@code up}: the agent itself, in the foreground. The only verb that loads Spring. */
public final class UpVerb implements Verb {
  private static final VerbSyntax.Option CONFIG =
      VerbSyntax.Option.value(
          "--config",
          "FILE",
          "configuration (default: WG_AGENT_CONFIG or /etc/wg-agent/config.toml)");

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

  UpVerb(Agent agent) {
    this.agent = agent;
  }

  @Override
  public VerbSyntax syntax() {
    return new VerbSyntax(
        "up", "Run the agent in the foreground (also: start).", Optional.empty(), List.of(CONFIG));
  }

  @Override
  public int run(Arguments arguments) {
    return agent.run(arguments.value(CONFIG.name()).map(Path::of));
  }
}
