package cloud.runbeam.wgagent.app.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The keys that say where a secret comes from: {@code private_key_path}, {@code …_env}, {@code
 * …_credential}, {@code …_generate}.
 */
final class KeySourceKeys {
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");

  /** As systemd names credentials; no separator, so that the name stays inside its directory. */
  private static final Pattern CREDENTIAL = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}");

  private final TomlSection section;
  private final String prefix;
  private final Path directory;

  /**
   * Keys that begin with {@code prefix}.
   *
   * @param directory what a relative path starts from: the directory of the configuration file
   */
  KeySourceKeys(TomlSection section, String prefix, Path directory) {
    this.section = section;
    this.prefix = prefix;
    this.directory = directory;
  }

  /** The only source given, or empty where there is none or where problems were reported. */
  Optional<KeySource> read(boolean mayGenerate) {
    rejectKeyInFile();
    List<KeySource> sources = new ArrayList<>();
    boolean generate = mayGenerate && generate();
    String pathKey = prefix + "_path";
    section
        .string(pathKey)
        .flatMap(this::path)
        .ifPresent(path ->
            sources.add(
                new KeySource.File(
                    path, generate, section.pathOf(pathKey), section.positionOf(pathKey))));
    named(prefix + "_env", VARIABLE, "an environment variable's name")
        .ifPresent(name ->
            sources.add(new KeySource.Environment(name.value(), name.key(), name.position())));
    named(prefix + "_credential", CREDENTIAL, "a credential's name")
        .ifPresent(name ->
            sources.add(new KeySource.Credential(name.value(), name.key(), name.position())));
    if (generate && !section.has(pathKey)) {
      section.problem(
          prefix + "_generate",
          ProblemReason.CONFLICTING_KEYS,
          "there is no path to make the key at",
          "add " + pathKey);
    }
    if (sources.size() > 1) {
      section.problem(
          lastPart(sources.get(1).key()),
          ProblemReason.CONFLICTING_KEYS,
          lastPart(sources.get(0).key()) + " says already where the key is",
          "keep one of the two");
    }
    return sources.stream().findFirst();
  }

  /** Whether any of the keys stands in the section. */
  boolean isPresent() {
    return section.has(prefix + "_path")
        || section.has(prefix + "_env")
        || section.has(prefix + "_credential")
        || section.has(prefix);
  }

  private void rejectKeyInFile() {
    if (section.has(prefix)) {
      section.raw(prefix);
      section.problem(
          prefix,
          ProblemReason.KEY_IN_FILE,
          "a secret key does not belong into this file",
          "move it to a file with mode 0600 and name that in " + prefix + "_path");
    }
  }

  private boolean generate() {
    return section.bool(prefix + "_generate").map(Located::value).orElse(false);
  }

  private Optional<Path> path(Located<String> text) {
    try {
      if (!text.value().isEmpty()) {
        return Optional.of(directory.resolve(text.value()).normalize());
      }
    } catch (InvalidPathException _) {
      // Reported below, as an empty text is.
    }
    section.problem(
        text,
        ProblemReason.BAD_VALUE,
        "\"" + TomlSection.printable(text.value()) + "\" is not a path",
        "name the key file");
    return Optional.empty();
  }

  private Optional<Located<String>> named(String key, Pattern form, String what) {
    return section
        .string(key)
        .filter(name -> {
          boolean right = form.matcher(name.value()).matches();
          if (!right) {
            // Not quoted: somebody may have written the key itself here.
            section.problem(
                key,
                ProblemReason.BAD_NAME,
                "is not " + what,
                "use letters, digits and underscores, and never the key itself");
          }
          return right;
        });
  }

  private static String lastPart(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }
}
