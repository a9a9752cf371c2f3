package cloud.runbeam.wgagent.app.config;

import cloud.runbeam.wgagent.app.config.AgentConfig.AgentProperty;
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
            log(section(agent, "log"), defaults.log()));
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
    rejectUnknownKeys(control);
    return new AgentSettings.Control(socket, admins, readers);
  }

  private List<String> groups(
      @Nullable TomlSection control, String dottedKey, List<String> defaults) {
    String key = lastPart(dottedKey);
    List<Located<String>> groups = control == null ? List.of() : control.strings(key);
    for (int i = 0; i < groups.size(); i++) {
      keep(dottedKey + "[" + i + "]", groups.get(i).value(), groups.get(i).position());
    }
    Optional<Located<String>> variable = variable(dottedKey);
    if (variable.isPresent()) {
      groups =
          Arrays.stream(variable.get().value().split(",", -1))
              .map(String::strip)
              .filter(name -> !name.isEmpty())
              .map(name -> new Located<>(name, variable.get().key(), Position.WHOLE_FILE))
              .toList();
    } else if (control == null || !control.has(key)) {
      return defaults;
    }
    for (Located<String> group : groups) {
      if (!ACCOUNT.matcher(group.value()).matches()) {
        bad(
            group,
            ProblemReason.BAD_NAME,
            "\"" + TomlSection.printable(group.value()) + "\" is not a group name",
            "use the name of a group of this system");
      }
      findings.notice(
          group.position(),
          group.key(),
          "groups are not looked up in this version: only root and the agent's own user may use"
              + " the control socket");
    }
    return groups.stream().map(Located::value).toList();
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
    int port =
        (http == null ? Optional.<Located<Long>>empty() : http.integer("bind_port", 0, 65_535))
            .map(number -> {
              keep("http.bind_port", number.value().intValue(), number.position());
              return number.value().intValue();
            })
            .orElse(defaults.bindPort());
    Optional<Located<String>> variable = variable("http.bind_port");
    if (variable.isPresent()) {
      port = port(variable.get());
    }
    rejectUnknownKeys(http);
    return new AgentSettings.Http(address, port);
  }

  private int port(Located<String> text) {
    if (text.value().matches("[0-9]{1,5}") && Integer.parseInt(text.value()) <= 65_535) {
      return Integer.parseInt(text.value());
    }
    bad(
        text,
        ProblemReason.OUT_OF_RANGE,
        "\"" + TomlSection.printable(text.value()) + "\" is not a port",
        "use a number from 0 to 65535");
    return 0;
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
