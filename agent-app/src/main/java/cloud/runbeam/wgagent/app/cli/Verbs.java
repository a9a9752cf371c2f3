package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.client.ControlException;
import cloud.runbeam.wgagent.app.config.KeySuggestion;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

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
  private final Map<String, Supplier<Verb>> verbs = new LinkedHashMap<>();

  /**
   * All verbs.
   *
   * @param variables environment of this process
   * @param agent starts the Spring application for {@code up}
   */
  public Verbs(Terminal terminal, Map<String, String> variables, UpVerb.Agent agent) {
    this.terminal = terminal;
    this.environment = ProcessEnvironment.of(variables);
    verbs.put("up", () -> new UpVerb(agent));
    verbs.put("demo", () -> new DemoVerb(terminal));
    verbs.put("device", () -> new DeviceVerb(terminal, environment));
    verbs.put("status", () -> new StatusVerb(terminal, variables));
    verbs.put("validate", () -> new ValidateVerb(terminal, variables));
    verbs.put("cleanup", () -> new CleanupVerb(terminal, variables));
    verbs.put("audit", () -> new AuditVerb(terminal, variables));
    verbs.put("genkey", () -> new GenerateKeyVerb.PrivateKey(terminal));
    verbs.put("pubkey", () -> new PublicKeyVerb(terminal));
    verbs.put("genpsk", () -> new GenerateKeyVerb.PresharedKey(terminal));
    verbs.put("healthcheck", () -> new HealthcheckVerb(terminal, variables));
    verbs.put("bench", () -> new BenchVerb(terminal));
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
    return verb == null ? unknown(name) : execute(verb.get(), rest);
  }

  private int execute(Verb verb, List<String> words) {
    VerbSyntax syntax = verb.syntax();
    if (words.contains("--help") || words.contains("-h")) {
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
      e.problems().forEach(problem -> terminal.err().println("  " + problem.toJson()));
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
    if (verb == null) {
      return unknown(words.getFirst());
    }
    terminal.out().print(HelpText.of(verb.get().syntax()));
    return 0;
  }

  private String overview() {
    return HelpText.overview(verbs.values().stream().map(verb -> verb.get().syntax()).toList());
  }

  private int unknown(String name) {
    Optional<String> meant = KeySuggestion.nearest(name, verbs.keySet());
    terminal
        .err()
        .println(
            "wg-agent: unknown verb '"
                + name
                + "'"
                + meant.map(verb -> "; did you mean '" + verb + "'?").orElse("")
                + " 'wg-agent help' lists them all");
    return USAGE;
  }

  private void tell(Exception e) {
    terminal.err().println("wg-agent: " + e.getMessage());
  }
}
