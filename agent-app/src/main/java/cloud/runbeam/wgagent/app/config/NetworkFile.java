package cloud.runbeam.wgagent.app.config;

import cloud.runbeam.wgagent.client.JsonValue;
import java.io.IOException;
import java.io.Serial;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;
import org.tomlj.TomlVersion;

/**
 * One network of a TOML file as JSON, for sending it to an agent. What the keys mean is left to the
 * agent; only paths are made absolute, for the agent does not know where the file lies.
 */
public final class NetworkFile {
  private static final long MAX_FILE_BYTES = 1 << 20;

  private static final Set<String> PATHS = Set.of("private_key_path", "preshared_key_path");

  private NetworkFile() {}

  /**
   * A network.
   *
   * @param name its name
   * @param members its table, tables and arrays in it included
   */
  public record Table(String name, JsonValue members) {}

  /** The file cannot be used; the message says why and what to do. */
  public static final class UnusableFileException extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    UnusableFileException(String message) {
      super(message);
    }
  }

  /**
   * Reads a file.
   *
   * @param wanted name of the network; empty for the only one there is
   */
  public static Table read(Path file, Optional<String> wanted) throws UnusableFileException {
    TomlParseResult document = parse(file);
    TomlTable networks = document.getTable(List.of("network"));
    List<String> names =
        networks == null
            ? List.of()
            : networks.keySet().stream()
                .filter(name -> networks.get(List.of(name)) instanceof TomlTable)
                .sorted()
                .toList();
    if (networks == null || names.isEmpty()) {
      throw new UnusableFileException(file + " has no network: write [network.NAME]");
    }
    if (wanted.isEmpty() && names.size() > 1) {
      throw new UnusableFileException(
          file + " has several networks: name one of " + String.join(", ", names));
    }
    String name = wanted.orElse(names.getFirst());
    if (!names.contains(name)) {
      throw new UnusableFileException(
          file + " has no network '" + name + "', only " + String.join(", ", names));
    }
    Path absolute = file.toAbsolutePath();
    Path directory = Optional.ofNullable(absolute.getParent()).orElse(absolute);
    Map<String, JsonValue> members =
        new LinkedHashMap<>(object(networks.get(List.of(name)), directory).members());
    // As the agent reads it: [[network.peers]] beside a single network are its peers.
    if (names.size() == 1 && networks.get(List.of("peers")) instanceof TomlArray stray) {
      List<JsonValue> peers = new ArrayList<>();
      if (members.get("peers") instanceof JsonValue.JsonArray own) {
        peers.addAll(own.elements());
      }
      if (json(stray, directory) instanceof JsonValue.JsonArray more) {
        peers.addAll(more.elements());
      }
      members.put("peers", new JsonValue.JsonArray(peers));
    }
    return new Table(name, new JsonValue.JsonObject(members));
  }

  private static TomlParseResult parse(Path file) throws UnusableFileException {
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new UnusableFileException(file + " is larger than 1 MiB: name a TOML file");
      }
      TomlParseResult document = Toml.parse(Files.readString(file), TomlVersion.V1_0_0);
      if (document.hasErrors()) {
        throw new UnusableFileException(
            file
                + ":"
                + document.errors().getFirst().position().line()
                + ": not valid TOML: see \"wg-agent validate "
                + file
                + "\"");
      }
      return document;
    } catch (NoSuchFileException _) {
      throw new UnusableFileException(file + " does not exist: name a TOML file");
    } catch (IOException failed) {
      throw new UnusableFileException(
          file + " cannot be read: " + failed.getMessage() + ": check the path and its rights");
    }
  }

  private static JsonValue.JsonObject object(@Nullable Object value, Path directory) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    if (value instanceof TomlTable table) {
      for (String key : table.keySet()) {
        Object member = table.get(List.of(key));
        members.put(
            key,
            PATHS.contains(key) && member instanceof String path && !path.isEmpty()
                ? JsonValue.of(directory.resolve(path).normalize().toString())
                : json(member, directory));
      }
    }
    return new JsonValue.JsonObject(members);
  }

  private static JsonValue json(@Nullable Object value, Path directory) {
    return switch (value) {
      case String text -> JsonValue.of(text);
      case Long number -> JsonValue.of(number);
      case Boolean truth -> JsonValue.of(truth);
      case Double number ->
          Double.isFinite(number)
              ? new JsonValue.JsonNumber(number.toString())
              : JsonValue.of(number.toString());
      case TomlTable table -> object(table, directory);
      case TomlArray array -> {
        List<JsonValue> elements = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
          elements.add(json(array.get(i), directory));
        }
        yield new JsonValue.JsonArray(elements);
      }
      case null, default -> JsonValue.of(String.valueOf(value));
    };
  }
}
