package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.command.Command;
import cloud.runbeam.wgagent.app.command.CommandUsageException;
import cloud.runbeam.wgagent.app.command.Commands;
import cloud.runbeam.wgagent.app.config.KeySuggestion;
import cloud.runbeam.wgagent.client.ControlException;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

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
  private final Map<String, String> variables;
  private final ProcessEnvironment environment;
  private final Map<String, Supplier<Verb>> verbs = new LinkedHashMap<>();

  /**
   * All verbs.
   *
   * @param variables environment of this process
   * @param agent starts the Spring application for {@code up}
   * @param console starts the one for {@code shell}
   */
  public Verbs(
      Terminal terminal,
      Map<String, String> variables,
      UpVerb.Agent agent,
      ShellVerb.Console console) {
    this.terminal = terminal;
    this.variables = Map.copyOf(variables);
    this.environment = ProcessEnvironment.of(variables);
    verbs.put("up", () -> new UpVerb(agent));
    verbs.put("demo", () -> new DemoVerb(terminal));
    verbs.put("device", () -> new DeviceVerb(terminal, environment));
    verbs.put("shell", () -> new ShellVerb(variables, console, this::execute));
    verbs.put("validate", () -> new ValidateVerb(terminal, variables));
    verbs.put("cleanup", () -> new CleanupVerb(terminal, variables));
    verbs.put("audit", () -> new AuditVerb(terminal, variables));
    verbs.put("import", () -> new ImportVerb(terminal));
    verbs.put("export", () -> new ExportVerb(terminal, variables));
    verbs.put("genkey", () -> new GenerateKeyVerb.PrivateKey(terminal));
    verbs.put("pubkey", () -> new PublicKeyVerb(terminal));
    verbs.put("genpsk", () -> new GenerateKeyVerb.PresharedKey(terminal));
    verbs.put("healthcheck", () -> new HealthcheckVerb(terminal, variables));
    verbs.put("bench", () -> new BenchVerb(terminal));
    verbs.put("selftest", () -> new SelfTestVerb(terminal, variables));
    verbs.put("version", () -> new VersionVerb(terminal));
  }

  /** Runs the verb named by the first argument with the others, and returns the exit code. */
  public int run(String... arguments) {
    int exitCode = execute(List.of(arguments));
    if (exitCode != 0 && environment.launcherWaits()) {
      BackgroundProcess.announceFailure(terminal, exitCode);
    }
    return exitCode;
  }

  private int execute(List<String> words) {
    if (words.isEmpty()) {
      terminal.err().print(overview());
      return USAGE;
    }
    List<String> rest = words.subList(1, words.size());
    String name =
        switch (words.getFirst()) {
          case "start" -> "up";
          case "--version", "-V" -> "version";
          case "--help", "-h" -> "help";
          default -> words.getFirst();
        };
    if (name.equals("help")) {
      return help(rest);
    }
    Supplier<Verb> verb = verbs.get(name);
    if (verb != null) {
      return execute(verb.get(), rest);
    }
    Optional<Commands.Found> found = Commands.find(words);
    return found.isPresent() ? execute(found.get()) : unknown(name);
  }

  private int execute(Commands.Found found) {
    Command command = found.command();
    if (asksForHelp(found.rest())) {
      terminal.out().print(HelpText.of(ControlVerb.syntax(command)));
      return 0;
    }
    try {
      return new ControlVerb(command, terminal, variables).run(found.rest());
    } catch (CommandUsageException e) {
      tell(e);
      terminal.err().println("  Usage: wg-agent " + ControlVerb.syntax(command).usage());
      return USAGE;
    } catch (ControlException e) {
      tell(e);
      e.problems().forEach(problem -> terminal.err().println("  " + problem));
    } catch (IOException e) {
      terminal.err().println("wg-agent: input or output failed: " + e.getMessage());
    }
    return FAILED;
  }

  private static boolean asksForHelp(List<String> words) {
    List<String> options = words.contains("--") ? words.subList(0, words.indexOf("--")) : words;
    return options.contains("--help") || options.contains("-h");
  }

  private int execute(Verb verb, List<String> words) {
    VerbSyntax syntax = verb.syntax();
    if (asksForHelp(words)) {
      terminal.out().print(HelpText.of(syntax));
      return 0;
    }
    try {
      return verb.run(Arguments.parse(syntax, words));
    } catch (UsageException e) {
      tell(e);
      terminal.err().println("  Usage: " + syntax.usage());
      return USAGE;
    } catch (PlatformException | DeviceException e) {
      tell(e);
    } catch (ControlException e) {
      tell(e);
      e.problems().forEach(problem -> terminal.err().println("  " + problem));
    } catch (IOException e) {
      terminal.err().println("wg-agent: input or output failed: " + e);
    }
    return FAILED;
  }

  private int help(List<String> words) {
    if (words.isEmpty()) {
      terminal.out().print(overview());
      return 0;
    }
    Supplier<Verb> verb = verbs.get(words.getFirst());
    Optional<Commands.Found> found = Commands.find(words);
    if (verb == null && found.isEmpty()) {
      return unknown(words.getFirst());
    }
    terminal
        .out()
        .print(
            verb != null
                ? HelpText.of(verb.get().syntax())
                : HelpText.of(ControlVerb.syntax(found.orElseThrow().command())));
    return 0;
  }

  private String overview() {
    return HelpText.overview(
        verbs.values().stream().map(verb -> verb.get().syntax()).toList(),
        Commands.all().stream()
            .map(Command::syntax)
            .filter(command -> !verbs.containsKey(command.name()))
            .toList());
  }

  private int unknown(String name) {
    String second =
        Commands.names().stream()
            .filter(command -> command.startsWith(name + " "))
            .map(command -> command.substring(name.length() + 1))
            .collect(Collectors.joining(" or "));
    if (!second.isEmpty()) {
      terminal.err().println("wg-agent: '" + name + "' wants a second word: " + second);
      return USAGE;
    }
    Set<String> known = new LinkedHashSet<>(verbs.keySet());
    known.addAll(Commands.names());
    known.add("help");
    Optional<String> meant = KeySuggestion.nearest(name, known);
    terminal
        .err()
        .println(
            "wg-agent: unknown verb '"
                + name
                + "'"
                + meant.map(verb -> "; did you mean '" + verb + "'?").orElse(";")
                + " 'wg-agent help' lists them all");
    return USAGE;
  }

  private void tell(Exception e) {
    terminal.err().println("wg-agent: " + e.getMessage());
  }
}
