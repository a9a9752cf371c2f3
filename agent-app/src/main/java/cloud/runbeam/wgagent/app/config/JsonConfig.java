package cloud.runbeam.wgagent.app.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * Configuration that comes as JSON over the control API.
 *
 * <pre>
 *   JSON object -> keys of the file (JsonTwin) -> TOML text (TomlWriter) -> ConfigLoader
 * </pre>
 *
 * <p>The text is what a file would say, so that one parser decides what is right, whichever way it
 * came; problems are told in terms of the JSON. Any thread.
 */
public final class JsonConfig {
  private static final String SOURCE = "request";

  /** Keys that nothing but a network has. */
  private static final Set<String> TELLING =
      Set.of("interface", "address", "peers", "listen_port", "private_key_path");

  private final ConfigLoader loader;
  private final Path directory;

  /**
   * A reader.
   *
   * @param environment the process's variables
   * @param directory what a relative key path starts from: that of the configuration file
   */
  public JsonConfig(Map<String, String> environment, Path directory) {
    this.loader = new ConfigLoader(environment);
    this.directory = directory;
  }

  /**
   * One network.
   *
   * @param name what it is to be called
   * @param members as in {@code [network.NAME]}
   * @param writtenAt path of {@code members} in the request
   * @param rule which keys may be read
   */
  public JsonResult<NetworkConfig> network(
      String name, ObjectNode members, String writtenAt, KeySourceRule rule) {
    Findings findings = new Findings(SOURCE);
    JsonTwin twin = new JsonTwin(findings);
    if (!Names.isName(name)) {
      return new JsonResult.Rejected<>(
          List.of(
              new Problem(
                  SOURCE,
                  Position.WHOLE_FILE,
                  "network",
                  ProblemReason.BAD_NAME,
                  "\"" + TomlSection.printable(name) + "\" cannot name a network",
                  "use 1 to 63 letters, digits, \"_\", \".\" and \"-\", not starting with \"-\" or"
                      + " \".\"")));
    }
    Map<String, Object> table = twin.table(members, "network." + name, writtenAt);
    String text = TomlWriter.write(Map.of("network", Map.of(name, table)));
    Optional<NetworkConfig> network =
        loader.networkText(text, directory, rule, findings).stream().findFirst();
    return result(network, findings, twin);
  }

  /**
   * Whether {@code members} hold anything that only a network's configuration has: the Rust agent's
   * early clients wrote it beside the request's own members.
   */
  public static boolean looksLikeNetwork(ObjectNode members) {
    return members.propertyNames().stream().map(JsonTwin::key).anyMatch(TELLING::contains);
  }

  /** A copy of {@code members} without those that mean nothing; no key is read. */
  public ObjectNode withoutUnknown(ObjectNode members) {
    ObjectNode copy = members.deepCopy();
    Findings findings = new Findings(SOURCE);
    JsonTwin twin = new JsonTwin(findings);
    String name = "x";
    Map<String, Object> table = twin.table(copy, "network." + name, "");
    loader.networkText(
        TomlWriter.write(Map.of("network", Map.of(name, table))),
        directory,
        _ -> Optional.of("not now"),
        findings);
    for (Problem problem : findings.problems()) {
      if (problem.reason() == ProblemReason.UNKNOWN_KEY) {
        twin.remove(problem.key());
      }
    }
    return copy;
  }

  /**
   * One peer.
   *
   * @param members as in {@code [[network.NAME.peers]]}
   * @param writtenAt path of {@code members} in the request
   * @param rule which keys may be read
   */
  public JsonResult<PeerConfig> peer(ObjectNode members, String writtenAt, KeySourceRule rule) {
    Findings findings = new Findings(SOURCE);
    JsonTwin twin = new JsonTwin(findings);
    Map<String, Object> table = twin.table(members, "peer", writtenAt);
    String text = TomlWriter.write(Map.of("peer", table));
    Optional<PeerConfig> peer = loader.peerText(text, directory, rule, findings);
    return result(peer, findings, twin);
  }

  private static <T> JsonResult<T> result(Optional<T> value, Findings findings, JsonTwin twin) {
    if (value.isPresent() && !findings.hasProblems()) {
      return new JsonResult.Accepted<>(
          value.get(), findings.notices().stream().map(twin::translated).toList());
    }
    return new JsonResult.Rejected<>(findings.problems().stream().map(twin::translated).toList());
  }
}
