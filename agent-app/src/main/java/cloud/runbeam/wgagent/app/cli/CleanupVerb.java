package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.AgentSettings;
import cloud.runbeam.wgagent.app.config.ConfigLoader;
import cloud.runbeam.wgagent.app.config.ConfigResult;
import cloud.runbeam.wgagent.app.device.InstalledPlatform;
import cloud.runbeam.wgagent.app.host.AgentLock;
import cloud.runbeam.wgagent.app.host.HostNetworks;
import cloud.runbeam.wgagent.app.host.Leftover;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * {@code cleanup}: undoes what a dead agent has left on this machine, the kill switch included.
 * Works without an agent, and refuses while one runs.
 */
final class CleanupVerb implements Verb {
  private static final VerbSyntax.Option DRY_RUN =
      VerbSyntax.Option.flag("--dry-run", "tell what would be undone; change nothing");
  private static final VerbSyntax.Option CONFIG =
      VerbSyntax.Option.value(
          "--config",
          "FILE",
          "configuration that names the state directory (default: WG_AGENT_CONFIG or"
              + " /etc/wg-agent/config.toml)");
  private static final VerbSyntax.Option STATE_DIR =
      VerbSyntax.Option.value(
          "--state-dir", "DIR", "the state directory itself, without any configuration");

  private static final Path DEFAULT_CONFIG = Path.of("/etc/wg-agent/config.toml");

  private final Terminal terminal;
  private final Map<String, String> variables;
  private final Platforms platforms;

  CleanupVerb(Terminal terminal, Map<String, String> variables) {
    this(terminal, variables, InstalledPlatform::find);
  }

  CleanupVerb(Terminal terminal, Map<String, String> variables, Platforms platforms) {
    this.terminal = terminal;
    this.variables = variables;
    this.platforms = platforms;
  }

  @Override
  public VerbSyntax syntax() {
    return new VerbSyntax(
        "cleanup",
        "Undo what an agent that is gone has left on this machine, the kill switch too.",
        Optional.empty(),
        List.of(DRY_RUN, CONFIG, STATE_DIR));
  }

  @Override
  public int run(Arguments arguments) throws UsageException, PlatformException {
    Optional<Path> stateDir = stateDir(arguments);
    if (stateDir.isEmpty()) {
      return Verbs.FAILED;
    }
    boolean dryRun = arguments.has(DRY_RUN.name());
    if (dryRun && !Files.isDirectory(stateDir.get())) {
      // Taking the lock would make the directory.
      return report(HostNetworks.of(platforms.find(), stateDir.get()).cleanup(true), true);
    }
    try (AgentLock _ = AgentLock.acquire(stateDir.get())) {
      return report(HostNetworks.of(platforms.find(), stateDir.get()).cleanup(dryRun), dryRun);
    }
  }

  private Optional<Path> stateDir(Arguments arguments) throws UsageException {
    Optional<String> given = arguments.value(STATE_DIR.name());
    if (given.isPresent()) {
      if (arguments.value(CONFIG.name()).isPresent()) {
        throw new UsageException("--config and --state-dir exclude each other");
      }
      return Optional.of(Path.of(given.get()).toAbsolutePath().normalize());
    }
    Optional<Path> named =
        arguments
            .value(CONFIG.name())
            .or(() -> Optional.ofNullable(variables.get("WG_AGENT_CONFIG")))
            .map(Path::of);
    Path file = named.orElse(DEFAULT_CONFIG);
    if (named.isEmpty() && !Files.exists(file)) {
      return Optional.of(
          Path.of(variables.getOrDefault("WG_AGENT_STATE_DIR", AgentSettings.DEFAULT_STATE_DIR)));
    }
    return switch (new ConfigLoader(variables).load(file)) {
      case ConfigResult.Loaded(AgentConfig config) -> Optional.of(config.agent().stateDir());
      case ConfigResult.Rejected rejected -> {
        rejected.problems().forEach(problem -> terminal.err().println(problem));
        terminal
            .err()
            .println(
                "wg-agent: "
                    + file
                    + " does not say where state is kept; correct it, or name the directory with"
                    + " --state-dir");
        yield Optional.empty();
      }
    };
  }

  private int report(List<Leftover> found, boolean dryRun) {
    if (found.isEmpty()) {
      terminal.out().println("nothing is left over");
      return 0;
    }
    for (Leftover leftover : found) {
      terminal.out().println(line(leftover, dryRun));
    }
    Map<Leftover.Outcome, Long> counts =
        found.stream().collect(Collectors.groupingBy(Leftover::outcome, Collectors.counting()));
    return counts.containsKey(Leftover.Outcome.FAILED) ? Verbs.FAILED : 0;
  }

  private static String line(Leftover leftover, boolean dryRun) {
    String outcome =
        switch (leftover.outcome()) {
          case UNDONE -> dryRun ? "would undo" : "undone";
          case KEPT -> "kept";
          case NOT_OURS -> "left alone";
          case FAILED -> "FAILED";
        };
    return outcome + ": " + leftover.description();
  }

  /** Finds the plugin of this system. */
  @FunctionalInterface
  interface Platforms {
    PlatformPlugin find() throws PlatformException;
  }
}
