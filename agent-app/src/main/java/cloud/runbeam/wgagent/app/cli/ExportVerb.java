package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.ConfigLoader;
import cloud.runbeam.wgagent.app.config.ConfigResult;
import cloud.runbeam.wgagent.app.config.KeyReader;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.UnusableKeyException;
import cloud.runbeam.wgagent.app.config.wgquick.ConfText;
import cloud.runbeam.wgagent.app.device.InstalledPlatform;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code export}: a network of the configuration file as a file for wg-quick. */
final class ExportVerb implements Verb {
  private static final String DEFAULT_CONFIG = "/etc/wg-agent/config.toml";

  private static final VerbSyntax.Option NETWORK =
      VerbSyntax.Option.value("--network", "NAME", "which network of FILE, if it has several");
  private static final VerbSyntax.Option KEYS =
      VerbSyntax.Option.flag(
          "--include-keys", "write the keys themselves; otherwise wg-quick fetches them");
  private static final VerbSyntax.Option OUTPUT =
      VerbSyntax.Option.value(
          "--output", "FILE", "write to this new file, mode 0600 (default: standard output)");

  private final Terminal terminal;
  private final Map<String, String> environment;

  ExportVerb(Terminal terminal, Map<String, String> environment) {
    this.terminal = terminal;
    this.environment = environment;
  }

  @Override
  public VerbSyntax syntax() {
    return new VerbSyntax(
        "export",
        "Print a network as a file for wg-quick.",
        Optional.of(
            new VerbSyntax.Operand(
                "NETWORK|FILE",
                true,
                "a network of WG_AGENT_CONFIG or " + DEFAULT_CONFIG + ", or a TOML file")),
        List.of(NETWORK, KEYS, OUTPUT));
  }

  @Override
  public int run(Arguments arguments) throws PlatformException, IOException, UsageException {
    String operand = arguments.requiredOperand();
    boolean isFile = operand.indexOf('/') >= 0 || operand.endsWith(".toml");
    if (!isFile && arguments.has(NETWORK.name())) {
      throw new UsageException("--network goes with a file, and " + operand + " is a network");
    }
    Path file =
        Path.of(isFile ? operand : environment.getOrDefault("WG_AGENT_CONFIG", DEFAULT_CONFIG));
    Optional<String> wanted = isFile ? arguments.value(NETWORK.name()) : Optional.of(operand);
    return switch (new ConfigLoader(environment).withoutKeys().load(file)) {
      case ConfigResult.Rejected rejected -> {
        rejected.problems().forEach(problem -> terminal.err().println(problem));
        yield Verbs.FAILED;
      }
      case ConfigResult.Loaded(AgentConfig config) -> {
        Optional<NetworkConfig> network = choose(config, wanted);
        if (network.isEmpty()) {
          yield fail(unknown(file, config, wanted));
        }
        yield export(network.get(), arguments);
      }
    };
  }

  private static Optional<NetworkConfig> choose(AgentConfig config, Optional<String> wanted) {
    return wanted.isPresent()
        ? config.network(wanted.get())
        : config.networks().stream().filter(_ -> config.networks().size() == 1).findFirst();
  }

  private static String unknown(Path file, AgentConfig config, Optional<String> wanted) {
    String names =
        config.networks().stream().map(NetworkConfig::name).collect(Collectors.joining(", "));
    if (names.isEmpty()) {
      return file + " has no network";
    }
    return wanted
        .map(name -> file + " has no network " + name + ", only " + names)
        .orElse(file + " has several networks: choose with --network one of " + names);
  }

  private int export(NetworkConfig network, Arguments arguments)
      throws IOException, PlatformException {
    boolean keys = arguments.has(KEYS.name());
    Optional<Path> output = arguments.value(OUTPUT.name()).map(Path::of);
    if (output.isEmpty()) {
      if (keys && Screen.of(environment).isTerminal()) {
        terminal
            .err()
            .println("wg-agent: warning: the private key is shown on this terminal; use --output");
      }
      return write(network, keys, terminal.out());
    }
    int exitCode;
    try (OutputStream out =
        Channels.newOutputStream(
            Files.newByteChannel(
                output.get(),
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(
                    PosixFilePermissions.fromString("rw-------"))))) {
      exitCode = write(network, keys, out);
    } catch (FileAlreadyExistsException _) {
      return fail(output.get() + " exists: name a file that does not");
    }
    if (exitCode != 0) {
      Files.deleteIfExists(output.get());
    }
    return exitCode;
  }

  private int write(NetworkConfig network, boolean keys, OutputStream out)
      throws IOException, PlatformException {
    if (!keys) {
      out.write(ConfText.withoutKeys(network).getBytes(StandardCharsets.UTF_8));
      out.flush();
      return 0;
    }
    try (KeyArena arena = new KeyArena(InstalledPlatform.find().memoryGuard(), 1)) {
      ConfText.withKeys(network, new KeyReader(environment), arena, out);
      return 0;
    } catch (UnusableKeyException unusable) {
      return fail(String.valueOf(unusable.getMessage()));
    }
  }

  private int fail(String what) {
    terminal.err().println("wg-agent: " + what);
    return Verbs.FAILED;
  }
}
