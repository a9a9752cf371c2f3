package cloud.runbeam.wgagent.app.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
   * @param writtenAt path of {@code members} in the request, empty for its top level
   * @param unknown what to do about members that mean nothing
   * @param rule which keys may be read
   */
  public JsonResult<NetworkConfig> network(
      String name, ObjectNode members, String writtenAt, Unknown unknown, KeySourceRule rule) {
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
    return result(network, findings, twin, unknown);
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
    return result(peer, findings, twin, Unknown.REFUSED);
  }

  private static <T> JsonResult<T> result(
      Optional<T> value, Findings findings, JsonTwin twin, Unknown unknown) {
    List<Problem> problems =
        findings.problems().stream()
            .filter(problem ->
                unknown == Unknown.REFUSED || problem.reason() != ProblemReason.UNKNOWN_KEY)
            .map(twin::translated)
            .toList();
    if (value.isPresent() && problems.isEmpty()) {
      return new JsonResult.Accepted<>(
          value.get(), findings.notices().stream().map(twin::translated).toList());
    }
    return new JsonResult.Rejected<>(problems);
  }

  /** What to do about members that mean nothing. */
  public enum Unknown {
    /** Each is a problem. */
    REFUSED,
    /** They are for somebody else. */
    IGNORED
  }
}
