package cloud.runbeam.wgagent.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class JsonConfigTest {
  @TempDir private Path directory;

  private String peerKey = "";

  @BeforeEach
  void writeKeys() throws IOException {
    KeyFixtures.write(
        directory.resolve("own.key"), KeyFixtures.base64("test key own"), "rw-------");
    KeyFixtures.write(
        directory.resolve("psk.key"), KeyFixtures.base64("test key psk"), "rw-------");
    peerKey = KeyFixtures.publicKey("test key peer");
  }

  @Test
  void readsCamelCaseSnakeCaseAndTheFileAlike() throws IOException {
    String camel =
        """
        {"interface": "wg7", "address": "10.9.0.2/24", "listenPort": 51900, "mtu": 1400,
         "privateKeyPath": "own.key", "dns": ["10.9.0.53"], "http": {"port": 1}, "fwmark": null,
         "peers": [{"name": "core", "publicKey": "%s", "presharedKeyPath": "psk.key",
                    "endpoint": "192.0.2.1:51820", "allowedIps": ["10.42.0.0/16"],
                    "keepaliveSecs": 25}]}
        """
            .formatted(peerKey);
    String snake =
        """
        {"interface": "wg7", "address": ["10.9.0.2/24"], "listen_port": 51900, "mtu": 1400,
         "private_key_path": "own.key", "dns": "10.9.0.53",
         "peers": [{"name": "core", "public_key": "%s", "preshared_key_path": "psk.key",
                    "endpoint": ["192.0.2.1:51820"], "allowed_ips": "10.42.0.0/16",
                    "persistent_keepalive_secs": 25}]}
        """
            .formatted(peerKey);
    String file =
        """
        [network.api]
        interface = "wg7"
        address = "10.9.0.2/24"
        listen_port = 51900
        mtu = 1400
        private_key_path = "own.key"
        dns = ["10.9.0.53"]
        [[network.api.peers]]
        name = "core"
        public_key = "%s"
        preshared_key_path = "psk.key"
        endpoint = "192.0.2.1:51820"
        allowed_ips = ["10.42.0.0/16"]
        persistent_keepalive_secs = 25
        """
            .formatted(peerKey);

    assertThat(List.of(accepted(camel), accepted(snake)))
        .allSatisfy(network ->
            assertThat(network)
                .usingRecursiveComparison()
                .ignoringFieldsOfTypes(Position.class)
                .isEqualTo(load(file)));
  }

  @Test
  void tellsProblemsByTheirPathInTheJson() {
    String json =
        """
        {"interface": "way too long a name", "listenPort": 70000, "mtu": 1.5, "dnss": [],
         "privateKeyPath": "missing.key", "private_key_path": "own.key",
         "peers": [{"publicKey": "%1$s", "allowedIps": ["10.0.0.0/8", "x"]},
                   {"publicKey": "%1$s", "keepaliveSecs": 123456789012345678901234567890}, 7]}
        """
            .formatted(peerKey);

    assertThat(rejected(json))
        .extracting(Problem::key, Problem::reason)
        .containsExactlyInAnyOrder(
            tuple("config.interface", ProblemReason.BAD_NAME),
            tuple("config.listenPort", ProblemReason.OUT_OF_RANGE),
            tuple("config.mtu", ProblemReason.WRONG_TYPE),
            tuple("config.dnss", ProblemReason.UNKNOWN_KEY),
            tuple("config.private_key_path", ProblemReason.CONFLICTING_KEYS),
            tuple("config.peers[0].allowedIps[1]", ProblemReason.BAD_ADDRESS),
            tuple("config.peers[1].keepaliveSecs", ProblemReason.WRONG_TYPE),
            tuple("config.peers[2]", ProblemReason.WRONG_TYPE));
  }

  @Test
  void namesTheOtherPlaceOfAConflictByItsPathInTheJson() {
    String json =
        network(
            "\"peers\": [{\"publicKey\": \"%1$s\"}, {\"publicKey\": \"%1$s\"}]".formatted(peerKey));

    assertThat(rejected(json))
        .singleElement()
        .satisfies(problem -> {
          assertThat(problem.key()).isEqualTo("config.peers[1].publicKey");
          assertThat(problem.what()).isEqualTo("is the key of config.peers[0] already");
        });
  }

  @Test
  void takesOutWhatMeansNothingForADialectThatIgnoresIt() {
    String json =
        network(
            "\"retries\": 3, \"mtu\": \"x\", \"peers\": [{\"publicKey\": \"%s\", \"x.y\": {}}, 7]"
                .formatted(peerKey));

    assertThat(config().withoutUnknown(json(json)))
        .isEqualTo(
            json(
                network(
                    "\"mtu\": \"x\", \"peers\": [{\"publicKey\": \"%s\"}, 7]".formatted(peerKey))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "-rf", "../up", "a/b", "a\nb", "a\"]\n[agent]\nuser = \"x", "\u202e", "%n"})
  void refusesANameThatIsNone(String name) {
    assertThat(problems(read(network("\"mtu\": 1400"), name, KeySourceRule.ANYWHERE)))
        .singleElement()
        .satisfies(problem -> {
          assertThat(problem.key()).isEqualTo("network");
          assertThat(problem.reason()).isEqualTo(ProblemReason.BAD_NAME);
          assertThat(problem.toString()).doesNotContain("\n").doesNotContain("\u202e");
        });
  }

  @Test
  void cannotBeMadeToSayAnythingElseByATextThatLooksLikeToml() {
    String json = network("\"dns_search\": [\"x\\\"\\n[agent]\\nuser = \\\"root\"], \"dns\": []");

    assertThat(rejected(json)).extracting(Problem::key).containsExactly("config.dns_search[0]");
  }

  @Test
  void readsAPeerByItself() {
    JsonResult<PeerConfig> peer =
        config()
            .peer(
                json(
                    "{\"publicKey\": \"%s\", \"allowedIps\": [\"10.1.0.0/16\"], \"presharedKeyPath\": \"psk.key\"}"
                        .formatted(peerKey)),
                "peer",
                KeySourceRule.ANYWHERE);
    JsonResult<PeerConfig> wrong =
        config().peer(json("{\"publicKey\": \"short\"}"), "peer", KeySourceRule.ANYWHERE);

    assertThat(peer)
        .isInstanceOfSatisfying(
            JsonResult.Accepted.class,
            accepted -> assertThat(((PeerConfig) accepted.value()).allowedIps()).hasSize(1));
    assertThat(problems(wrong)).extracting(Problem::key).containsExactly("peer.publicKey");
  }

  @Test
  void refusesAKeyElsewhereWithoutTellingWhetherItIsThere() throws IOException {
    Path keys = Files.createDirectory(directory.resolve("keys"));
    KeyFixtures.write(keys.resolve("mine.key"), KeyFixtures.base64("test key mine"), "rw-------");
    Files.createSymbolicLink(keys.resolve("out.key"), directory.resolve("own.key"));
    Files.createSymbolicLink(keys.resolve("dangling.key"), directory.resolve("nothing.key"));
    Files.createSymbolicLink(keys.resolve("up"), Path.of(".."));
    Files.createSymbolicLink(keys.resolve("in.key"), Path.of("mine.key"));
    Files.createSymbolicLink(keys.resolve("absolute.key"), keys.resolve("mine.key"));
    Files.createSymbolicLink(keys.resolve("loop.key"), Path.of("loop.key"));
    KeySourceRule rule = new KeyDirectories(List.of(keys));

    for (String allowed :
        List.of("keys/mine.key", "keys/in.key", "keys/absolute.key", "keys/./mine.key")) {
      assertThat(problems(withKey(allowed, rule))).as(allowed).isEmpty();
    }
    List<String> refused =
        List.of(
            "own.key",
            "nothing.key",
            "/etc/shadow",
            "keys/../own.key",
            "keys/out.key",
            "keys/dangling.key",
            "keys/up/own.key",
            "keys/up/nothing.key",
            "keys/loop.key",
            "keys",
            "/");
    for (String path : refused) {
      assertThat(problems(withKey(path, rule)))
          .as(path)
          .extracting(Problem::key, Problem::reason, Problem::what)
          .containsExactly(
              tuple(
                  "config.privateKeyPath",
                  ProblemReason.KEY_NOT_ALLOWED,
                  "callers other than root may only name key files below " + keys));
    }
    assertThat(problems(withKey("keys/nothing.key", rule)))
        .extracting(Problem::reason)
        .containsExactly(ProblemReason.KEY_MISSING);
  }

  @Test
  void letsOnlyRootNameVariablesAndCredentials() {
    String json = "{\"interface\": \"wg7\", \"privateKeyEnv\": \"HOME\"}";

    assertThat(problems(read(json, "api", new KeyDirectories(List.of(directory)))))
        .extracting(Problem::reason)
        .containsExactly(ProblemReason.KEY_NOT_ALLOWED);
  }

  private JsonResult<NetworkConfig> withKey(String path, KeySourceRule rule) {
    String json = "{\"interface\": \"wg7\", \"privateKeyPath\": \"" + path + "\"}";
    return read(json, "api", rule);
  }

  private static String network(String members) {
    return "{\"interface\": \"wg7\", \"privateKeyPath\": \"own.key\", " + members + "}";
  }

  private NetworkConfig accepted(String json) {
    return switch (read(json, "api", KeySourceRule.ANYWHERE)) {
      case JsonResult.Accepted<NetworkConfig> accepted -> accepted.value();
      case JsonResult.Rejected<NetworkConfig> rejected ->
          throw new AssertionError(rejected.problems());
    };
  }

  private List<Problem> rejected(String json) {
    return problems(read(json, "api", KeySourceRule.ANYWHERE));
  }

  private static <T> List<Problem> problems(JsonResult<T> result) {
    return switch (result) {
      case JsonResult.Accepted<T> _ -> List.of();
      case JsonResult.Rejected<T> rejected -> rejected.problems();
    };
  }

  private JsonResult<NetworkConfig> read(String json, String name, KeySourceRule rule) {
    return config().network(name, json(json), "config", rule);
  }

  private JsonConfig config() {
    return new JsonConfig(Map.of(), directory);
  }

  private static ObjectNode json(String text) {
    return (ObjectNode) JsonMapper.shared().readTree(text);
  }

  private NetworkConfig load(String text) {
    try {
      Path file = directory.resolve("config.toml");
      Files.writeString(file, text);
      return switch (new ConfigLoader(Map.of()).load(file)) {
        case ConfigResult.Loaded loaded -> loaded.config().networks().getFirst();
        case ConfigResult.Rejected rejected -> throw new AssertionError(rejected.problems());
      };
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
