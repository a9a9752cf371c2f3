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

  private static final VerbSyntax.Option EPHEMERAL =
      VerbSyntax.Option.flag(
          "--ephemeral",
          "end when the last tunnel is taken down, or when the parent closes standard input");

  /** The Spring application, which this package does not know. */
  @FunctionalInterface
  public interface Agent {
    /**
     * Runs until the process is told to end.
     *
     * @return the exit code
     */
    int run(Start start);
  }

  /**
   * How to run.
   *
   * @param config the file, or empty for the default one
   * @param ephemeral whether to end with the last tunnel, or with whoever holds standard input
   */
  public record Start(Optional<Path> config, boolean ephemeral) {}

  private final Agent agent;

  UpVerb(Agent agent) {
    this.agent = agent;
  }

  @Override
  public VerbSyntax syntax() {
    return new VerbSyntax(
        "up",
        "Run the agent in the foreground (also: start).",
        Optional.empty(),
        List.of(CONFIG, EPHEMERAL));
  }

  @Override
  public int run(Arguments arguments) {
    return agent.run(
        new Start(arguments.value(CONFIG.name()).map(Path::of), arguments.has(EPHEMERAL.name())));
  }
}
