package cloud.runbeam.wgagent.app.config;

import cloud.runbeam.wgagent.app.config.AgentConfig.AgentProperty;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code [agent]}; {@code WG_AGENT_…} variables take precedence over the file, key by key.
 *
 * <p>Keys are named from {@code [agent]} on, with dots: {@code control.socket}.
 */
final class AgentSection {
  private static final Pattern ACCOUNT = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,31}\\$?");

  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9_.-]{0,252}");

  private final Map<String, String> environment;
  private final Findings findings;
  private final List<AgentProperty> properties = new ArrayList<>();

  AgentSection(Map<String, String> environment, Findings findings) {
    this.environment = environment;
    this.findings = findings;
  }

  /** What the table said, for Spring's environment; valid after {@link #read}. */
  List<AgentProperty> properties() {
    return properties;
  }

  /**
   * The settings; defaults stand in for what was reported. {@code agent} is null where the file has
   * no such table.
   */
  AgentSettings read(@Nullable TomlSection agent) {
    AgentSettings defaults = AgentSettings.defaults();
    AgentSettings settings =
        new AgentSettings(
            path(agent, "state_dir", defaults.stateDir()),
            account(agent),
            control(section(agent, "control"), defaults.control()),
            http(section(agent, "http"), defaults.http()),
            log(section(agent, "log"), defaults.log()),
            metrics(section(agent, "metrics"), defaults.metrics()),
            tracing(section(agent, "tracing"), defaults.tracing()));
    rejectUnknownKeys(agent);
    return settings;
  }

  private Optional<String> account(@Nullable TomlSection agent) {
    Optional<Located<String>> user = text(agent, "user");
    user.filter(name -> !ACCOUNT.matcher(name.value()).matches())
        .ifPresent(name ->
            bad(
                name,
                ProblemReason.BAD_NAME,
                "\"" + TomlSection.printable(name.value()) + "\" is not a user name",
                "use the name of an account of this system"));
    return user.map(Located::value);
  }

  private AgentSettings.Control control(
      @Nullable TomlSection control, AgentSettings.Control defaults) {
    Path socket = path(control, "control.socket", defaults.socket());
    int bytes = socket.toString().getBytes(StandardCharsets.UTF_8).length;
    if (bytes > AgentSettings.MAX_SOCKET_PATH_BYTES) {
      text(control, "control.socket")
          .ifPresent(text ->
              bad(
                  text,
                  ProblemReason.OUT_OF_RANGE,
                  "the path is " + bytes + " bytes long",
                  "a socket's path has at most " + AgentSettings.MAX_SOCKET_PATH_BYTES + " bytes"));
      socket = defaults.socket();
    }
    List<String> admins = groups(control, "control.admin_groups", defaults.adminGroups());
    List<String> readers = groups(control, "control.reader_groups", defaults.readerGroups());
    List<Path> keyDirs = directories(control, "control.key_dirs", defaults.keyDirs());
    rejectUnknownKeys(control);
    return new AgentSettings.Control(socket, admins, readers, keyDirs);
  }

  private List<Path> directories(
      @Nullable TomlSection control, String dottedKey, List<Path> defaults) {
    Optional<List<Located<String>>> written = list(control, dottedKey);
    if (written.isEmpty()) {
      return defaults;
    }
    List<Path> directories = new ArrayList<>();
    for (Located<String> text : written.get()) {
      absolutePath(text.value())
          .ifPresentOrElse(
              directories::add,
              () ->
                  bad(
                      text,
                      ProblemReason.BAD_VALUE,
                      "\"" + TomlSection.printable(text.value()) + "\" is not an absolute path",
                      "write the path from / on"));
    }
    return directories;
  }

  private List<String> groups(
      @Nullable TomlSection control, String dottedKey, List<String> defaults) {
    Optional<List<Located<String>>> written = list(control, dottedKey);
    if (written.isEmpty()) {
      return defaults;
    }
    List<Located<String>> groups = written.get();
    for (Located<String> group : groups) {
      if (!ACCOUNT.matcher(group.value()).matches()) {
        bad(
            group,
            ProblemReason.BAD_NAME,
            "\"" + TomlSection.printable(group.value()) + "\" is not a group name",
            "use the name of a group of this system");
      }
    }
    return groups.stream().map(Located::value).toList();
  }

  /** The variable's values, separated by commas, if set; otherwise the file's, if there are any. */
  private Optional<List<Located<String>>> list(@Nullable TomlSection control, String dottedKey) {
    String key = lastPart(dottedKey);
    List<Located<String>> inFile = control == null ? List.of() : control.strings(key);
    for (int i = 0; i < inFile.size(); i++) {
      keep(dottedKey + "[" + i + "]", inFile.get(i).value(), inFile.get(i).position());
    }
    if (control != null && control.has(key) && inFile.isEmpty()) {
      keep(dottedKey, "", control.positionOf(key)); // An empty list is no reason for the default.
    }
    Optional<Located<String>> variable = variable(dottedKey);
    if (variable.isPresent()) {
      return Optional.of(
          Arrays.stream(variable.get().value().split(",", -1))
              .map(String::strip)
              .filter(name -> !name.isEmpty())
              .map(name -> new Located<>(name, variable.get().key(), Position.WHOLE_FILE))
              .toList());
    }
    return control == null || !control.has(key) ? Optional.empty() : Optional.of(inFile);
  }

  private AgentSettings.Http http(@Nullable TomlSection http, AgentSettings.Http defaults) {
    String address = defaults.bindAddress();
    Optional<Located<String>> bind = text(http, "http.bind_address");
    if (bind.isPresent() && IpLiterals.isAddress(bind.get().value())) {
      address = bind.get().value();
    } else if (bind.isPresent()) {
      bad(
          bind.get(),
          ProblemReason.BAD_ADDRESS,
          "\"" + TomlSection.printable(bind.get().value()) + "\" is not an IP address",
          "write an address of this machine, e.g. \"127.0.0.1\"");
    }
    int port = number(http, "http.bind_port", 65_535, defaults.bindPort());
    Optional<List<Located<String>>> hosts = list(http, "http.allowed_hosts");
    for (Located<String> host : hosts.orElse(List.of())) {
      if (!HOST.matcher(host.value()).matches()) {
        bad(
            host,
            ProblemReason.BAD_NAME,
            "\"" + TomlSection.printable(host.value()) + "\" is not a host name",
            "write the name only, as in \"metrics.example.com\"");
      }
    }
    List<String> allowedHosts =
        hosts
            .map(names -> names.stream().map(Located::value).toList())
            .orElse(defaults.allowedHosts());
    rejectUnknownKeys(http);
    return new AgentSettings.Http(address, port, allowedHosts);
  }

  private AgentSettings.Metrics metrics(
      @Nullable TomlSection metrics, AgentSettings.Metrics defaults) {
    boolean compatibility = flag(metrics, "metrics.compatibility", defaults.compatibility());
    int peerLimit =
        number(
            metrics,
            "metrics.peer_limit",
            AgentSettings.Metrics.MAX_PEER_LIMIT,
            defaults.peerLimit());
    rejectUnknownKeys(metrics);
    return new AgentSettings.Metrics(compatibility, peerLimit);
  }

  private AgentSettings.Tracing tracing(
      @Nullable TomlSection tracing, AgentSettings.Tracing defaults) {
    Optional<URI> endpoint = defaults.endpoint();
    Optional<Located<String>> text = text(tracing, "tracing.endpoint");
    if (text.isPresent()) {
      endpoint = httpAddress(text.get().value());
      if (endpoint.isEmpty()) {
        bad(
            text.get(),
            ProblemReason.BAD_ENDPOINT,
            "\""
                + TomlSection.printable(text.get().value())
                + "\" is not the address of an OTLP receiver",
            "write it as \"http://127.0.0.1:4318\", without user, query and \"/v1/traces\"");
      }
    }
    rejectUnknownKeys(tracing);
    return new AgentSettings.Tracing(endpoint);
  }

  private static Optional<URI> httpAddress(String text) {
    try {
      return Optional.of(new URI(text))
          .filter(AgentSettings.Tracing::isHttp)
          .filter(address -> !address.getPath().endsWith("/v1/traces"));
    } catch (URISyntaxException _) {
      return Optional.empty();
    }
  }

  /** A number from 0 to {@code max}. */
  private int number(@Nullable TomlSection section, String dottedKey, int max, int otherwise) {
    Optional<Located<Long>> inFile =
        section == null ? Optional.empty() : section.integer(lastPart(dottedKey), 0, max);
    inFile.ifPresent(number -> keep(dottedKey, number.value().intValue(), number.position()));
    Optional<Located<String>> variable = variable(dottedKey);
    if (variable.isEmpty()) {
      return inFile.map(number -> number.value().intValue()).orElse(otherwise);
    }
    String text = variable.get().value();
    if (text.matches("[0-9]{1,9}") && Integer.parseInt(text) <= max) {
      return Integer.parseInt(text);
    }
    bad(
        variable.get(),
        ProblemReason.OUT_OF_RANGE,
        "\"" + TomlSection.printable(text) + "\" is not a number from 0 on",
        "use a number from 0 to " + max);
    return otherwise;
  }

  private boolean flag(@Nullable TomlSection section, String dottedKey, boolean otherwise) {
    Optional<Located<Boolean>> inFile =
        section == null ? Optional.empty() : section.bool(lastPart(dottedKey));
    inFile.ifPresent(value -> keep(dottedKey, value.value(), value.position()));
    Optional<Located<String>> variable = variable(dottedKey);
    if (variable.isEmpty()) {
      return inFile.map(Located::value).orElse(otherwise);
    }
    return switch (variable.get().value().toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> {
        bad(
            variable.get(),
            ProblemReason.BAD_VALUE,
            "\"" + TomlSection.printable(variable.get().value()) + "\" is not known",
            "use true or false");
        yield otherwise;
      }
    };
  }

  private AgentSettings.Log log(@Nullable TomlSection log, AgentSettings.Log defaults) {
    AgentSettings.LogLevel level =
        choice(log, "log.level", AgentSettings.LogLevel.values(), defaults.level());
    AgentSettings.LogFormat format =
        choice(log, "log.format", AgentSettings.LogFormat.values(), defaults.format());
    rejectUnknownKeys(log);
    return new AgentSettings.Log(level, format);
  }

  private <E extends Enum<E>> E choice(
      @Nullable TomlSection section, String dottedKey, E[] values, E otherwise) {
    Optional<Located<String>> word = text(section, dottedKey);
    if (word.isEmpty()) {
      return otherwise;
    }
    // Spring takes any case for an enum in a variable; the file is held to lower case.
    boolean anyCase = word.get().position().equals(Position.WHOLE_FILE);
    List<String> spelled = new ArrayList<>();
    for (E value : values) {
      String name = value.name().toLowerCase(Locale.ROOT);
      spelled.add(name);
      if (anyCase ? name.equalsIgnoreCase(word.get().value()) : name.equals(word.get().value())) {
        return value;
      }
    }
    bad(
        word.get(),
        ProblemReason.BAD_VALUE,
        "\"" + TomlSection.printable(word.get().value()) + "\" is not known",
        "use one of " + String.join(", ", spelled));
    return otherwise;
  }

  private Path path(@Nullable TomlSection section, String dottedKey, Path otherwise) {
    Optional<Located<String>> text = text(section, dottedKey);
    if (text.isEmpty()) {
      return otherwise;
    }
    Optional<Path> path = absolutePath(text.get().value());
    if (path.isEmpty()) {
      bad(
          text.get(),
          ProblemReason.BAD_VALUE,
          "\"" + TomlSection.printable(text.get().value()) + "\" is not an absolute path",
          "write the path from / on");
    }
    return path.orElse(otherwise);
  }

  private static Optional<Path> absolutePath(String text) {
    try {
      return Optional.of(Path.of(text)).filter(Path::isAbsolute);
    } catch (InvalidPathException _) {
      return Optional.empty();
    }
  }

  /**
   * The variable's value if set, otherwise the file's; the file's is kept for Spring in any case.
   */
  private Optional<Located<String>> text(@Nullable TomlSection section, String dottedKey) {
    Optional<Located<String>> inFile =
        section == null ? Optional.empty() : section.string(lastPart(dottedKey));
    inFile.ifPresent(text -> keep(dottedKey, text.value(), text.position()));
    return variable(dottedKey).or(() -> inFile);
  }

  private void keep(String dottedKey, Object value, Position position) {
    AgentProperty property =
        new AgentProperty("wg.agent." + dottedKey.replace('_', '-'), value, position);
    if (!properties.contains(property)) {
      properties.add(property);
    }
  }

  /**
   * A variable under the two spellings that Spring's relaxed binding knows: without and with
   * underscores inside a word.
   */
  private Optional<Located<String>> variable(String dottedKey) {
    for (String words : List.of(dottedKey.replace("_", ""), dottedKey)) {
      String name = "WG_AGENT_" + words.replace('.', '_').toUpperCase(Locale.ROOT);
      String value = environment.get(name);
      if (value != null) {
        return Optional.of(
            new Located<>(value, "environment variable " + name, Position.WHOLE_FILE));
      }
    }
    return Optional.empty();
  }

  private static String lastPart(String dottedKey) {
    return dottedKey.substring(dottedKey.lastIndexOf('.') + 1);
  }

  private static @Nullable TomlSection section(@Nullable TomlSection agent, String key) {
    return agent == null ? null : agent.table(key).orElse(null);
  }

  private static void rejectUnknownKeys(@Nullable TomlSection section) {
    if (section != null) {
      section.rejectUnknownKeys();
    }
  }

  private void bad(Located<?> at, ProblemReason reason, String what, String advice) {
    findings.problem(at.position(), at.key(), reason, what, advice);
  }
}
