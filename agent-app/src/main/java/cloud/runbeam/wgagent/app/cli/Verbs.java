package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.client.ControlException;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * Every verb by name, and how one is run: only the class of the verb that was asked for is loaded.
 *
 * <p>Exit codes: 0 done, 1 refused or failed, 2 not understood.
 */
public final class Verbs {
  /** Something was refused or failed. */
  public static final int FAILED = 1;

  /** The arguments were not understood. */
  public static final int USAGE = 2;

  private final Terminal terminal;
  private final ProcessEnvironment environment;
  private final Map<String, Supplier<Callable<Integer>>> verbs = new LinkedHashMap<>();

  /** The heading of {@code wg-agent help}. */
  @Command(
      name = "wg-agent",
      synopsisSubcommandLabel = "VERB",
      description = "A WireGuard agent: tunnels, keys, and the tools around them.%n",
      footer = {"", "wg-agent help VERB tells more about a verb."})
  private static final class Overview {}

  /**
   * All verbs.
   *
   * @param variables environment of this process
   * @param agent starts the Spring application for {@code up} and returns its exit code when it has
   *     ended
   */
  public Verbs(Terminal terminal, Map<String, String> variables, UpVerb.Agent agent) {
    this.terminal = terminal;
    this.environment = ProcessEnvironment.of(variables);
    verbs.put("up", () -> new UpVerb(agent));
    verbs.put("demo", () -> new DemoVerb(terminal));
    verbs.put("device", () -> new DeviceVerb(terminal, environment));
    verbs.put("status", () -> new StatusVerb(terminal));
    verbs.put("validate", () -> new ValidateVerb(terminal, variables));
    verbs.put("genkey", () -> new GenerateKeyVerb.PrivateKey(terminal));
    verbs.put("pubkey", () -> new PublicKeyVerb(terminal));
    verbs.put("genpsk", () -> new GenerateKeyVerb.PresharedKey(terminal));
    verbs.put("healthcheck", () -> new HealthcheckVerb(terminal));
    verbs.put("version", () -> new VersionVerb(terminal));
  }

  /** Runs the verb named by the first argument with the others, and returns the exit code. */
  public int run(String... arguments) {
    int exitCode = execute(arguments);
    if (exitCode != 0 && environment.launcherWaits()) {
      BackgroundProcess.announceFailure(terminal, exitCode);
    }
    return exitCode;
  }

  private int execute(String... arguments) {
    List<String> words = List.of(arguments);
    if (words.isEmpty()) {
      overview().usage(terminal.err());
      return USAGE;
    }
    String verb =
        switch (words.getFirst()) {
          case "start" -> "up";
          case "--version", "-V" -> "version";
          default -> words.getFirst();
        };
    Supplier<Callable<Integer>> command = verbs.get(verb);
    if (command != null) {
      CommandLine line = new CommandLine(command.get()).setCommandName("wg-agent " + verb);
      return configure(line).execute(words.subList(1, words.size()).toArray(String[]::new));
    }
    return configure(overview()).execute(arguments);
  }

  private CommandLine overview() {
    CommandLine line = new CommandLine(new Overview());
    verbs.forEach((name, command) -> line.addSubcommand(name, command.get()));
    return line.addSubcommand(new CommandLine.HelpCommand());
  }

  private CommandLine configure(CommandLine line) {
    mixHelpInto(line);
    return line.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8))
        .setParameterExceptionHandler((e, args) -> notUnderstood(e))
        .setExecutionExceptionHandler((e, failed, parsed) -> failed(e));
  }

  private static void mixHelpInto(CommandLine line) {
    line.getCommandSpec()
        .addOption(
            CommandLine.Model.OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Print this help.")
                .build());
  }

  private int notUnderstood(CommandLine.ParameterException e) {
    terminal.err().println("wg-agent: " + e.getMessage());
    if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, terminal.err())) {
      String help = e.getCommandLine().getCommandName() + " --help";
      terminal.err().println("  Try: " + help);
    }
    return USAGE;
  }

  private int failed(Exception e) {
    switch (e) {
      case PlatformException refused -> tell(refused.getMessage());
      case DeviceException refused -> tell(refused.getMessage());
      case ControlException refused -> {
        tell(refused.getMessage());
        refused.problems().forEach(problem -> terminal.err().println(problem.toJson()));
      }
      default -> {
        tell("internal error: please report this");
        e.printStackTrace(terminal.err());
      }
    }
    return FAILED;
  }

  private void tell(@Nullable String message) {
    terminal.err().println("wg-agent: " + message);
  }
}
