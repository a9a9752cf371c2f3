package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.config.wgquick.WgQuickImport;
import cloud.runbeam.wgagent.app.device.InstalledPlatform;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/** {@code import}: a wg-quick file as a network of ours, its keys in files of their own. */
final class ImportVerb implements Verb {
  /** Where an installed agent has its configuration. */
  private static final Path DEFAULT_KEY_DIRECTORY = Path.of("/etc/wg-agent");

  private static final VerbSyntax.Option NAME =
      VerbSyntax.Option.value("--name", "NAME", "the network's name (default: the interface's)");
  private static final VerbSyntax.Option INTERFACE =
      VerbSyntax.Option.value(
          "--interface", "IFNAME", "the interface (default: the file's name without .conf)");
  private static final VerbSyntax.Option KEY_DIR =
      VerbSyntax.Option.value(
          "--key-dir",
          "DIR",
          "where keys go, mode 0600 (default: beside --output, or " + DEFAULT_KEY_DIRECTORY + ")");
  private static final VerbSyntax.Option OUTPUT =
      VerbSyntax.Option.value(
          "--output", "FILE", "write the TOML to this new file (default: standard output)");

  private final Terminal terminal;

  ImportVerb(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public VerbSyntax syntax() {
    return new VerbSyntax(
        "import",
        "Turn a wg-quick file into a network of ours; move its keys out of it.",
        Optional.of(new VerbSyntax.Operand("FILE.conf", true, "the wg-quick file; it stays as is")),
        List.of(NAME, INTERFACE, KEY_DIR, OUTPUT));
  }

  @Override
  public int run(Arguments arguments) throws PlatformException, IOException {
    Optional<Path> output = arguments.value(OUTPUT.name()).map(Path::of);
    if (output.filter(Files::exists).isPresent()) {
      return exists(output.get());
    }
    Path keyDirectory =
        arguments
            .value(KEY_DIR.name())
            .map(Path::of)
            .or(() -> output.map(file -> file.toAbsolutePath().getParent()))
            .orElse(DEFAULT_KEY_DIRECTORY);
    try (KeyArena arena = new KeyArena(InstalledPlatform.find().memoryGuard(), 1)) {
      WgQuickImport.Result result =
          WgQuickImport.run(
              new WgQuickImport.Request(
                  Path.of(arguments.requiredOperand()),
                  arguments.value(NAME.name()),
                  arguments.value(INTERFACE.name()),
                  keyDirectory),
              arena);
      result.notices().forEach(notice -> terminal.err().println(notice));
      return switch (result) {
        case WgQuickImport.Refused refused -> {
          refused.problems().forEach(problem -> terminal.err().println(problem));
          yield Verbs.FAILED;
        }
        case WgQuickImport.Imported imported -> write(imported, output);
      };
    }
  }

  private int write(WgQuickImport.Imported imported, Optional<Path> output) throws IOException {
    imported.keyFiles().forEach(file -> terminal.err().println("key moved to " + file));
    if (output.isEmpty()) {
      terminal.out().print(imported.toml());
      terminal.out().flush();
      return 0;
    }
    try {
      Files.writeString(
          output.get(), imported.toml(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException _) {
      return exists(output.get());
    }
    terminal
        .err()
        .println(
            "written to " + output.get() + "; start it with: wg-agent up --config " + output.get());
    return 0;
  }

  private int exists(Path output) {
    terminal
        .err()
        .println("wg-agent: " + output + " exists: name a file that does not, or print and append");
    return Verbs.FAILED;
  }
}
