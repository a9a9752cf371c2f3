package cloud.runbeam.wgagent.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlVersion;

class TomlWriterTest {
  @TempDir private Path directory;

  @Test
  void writesPlainValuesBeforeTablesAndArraysOfTables() {
    Map<String, Object> network = new LinkedHashMap<>();
    network.put("peers", List.of(Map.of("name", "a"), Map.of("name", "b")));
    network.put("interface", "wg0");
    network.put("mtu", 1_420);
    network.put("address", List.of("10.0.0.1/24", "fd00::1/64"));

    assertThat(TomlWriter.write(Map.of("network", Map.of("a.b", network))))
        .isEqualTo(
            """
            [network]

            [network."a.b"]
            interface = "wg0"
            mtu = 1420
            address = ["10.0.0.1/24", "fd00::1/64"]

            [[network."a.b".peers]]
            name = "a"

            [[network."a.b".peers]]
            name = "b"
            """);
  }

  @Test
  void keepsACommentACommentWhateverItSays() {
    String text = TomlWriter.write("by uid 0\nand\u0007 \u2028[agent]", Map.of("a", 1));

    assertThat(text.lines().filter(line -> !line.startsWith("# "))).containsExactly("a = 1");
    assertThat(parse(text).getLong("a")).isEqualTo(1L);
  }

  @Test
  void readsBackEveryTextThatAnAdversaryCouldSend() {
    List<String> hostile =
        new ArrayList<>(
            List.of(
                "\"\n[agent]\nuser = \"root",
                "\\",
                "\\\"",
                "'''",
                "\"\"\"",
                "a\rb",
                "\u0000\u0001\u001f\u007f\u0085",
                "\u202e\u2028\u2029\ufeff",
                "\ud83d\ude00\udb40\udc41",
                "# no comment",
                "${HOME} %n $(reboot)"));
    long seed = 20_261_123;
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      StringBuilder text = new StringBuilder();
      random
          .ints(random.nextInt(30), 0, 0x110000)
          .map(point -> random.nextBoolean() ? point % 0x80 : point)
          .filter(point -> point < 0xD800 || point > 0xDFFF)
          .forEach(text::appendCodePoint);
      hostile.add(text.toString());
    }
    for (String text : hostile) {
      TomlParseResult parsed =
          parse(TomlWriter.write(Map.of("t", Map.of(text, List.of(text, text)), "last", true)));
      assertThat(parsed.errors()).as("%s, seed %d", text, seed).isEmpty();
      assertThat(parsed.keySet()).containsExactlyInAnyOrder("t", "last");
      assertThat(parsed.getTableOrEmpty("t").getArrayOrEmpty(List.of(text)).toList())
          .as("seed %d", seed)
          .containsExactly(text, text);
    }
  }

  @Test
  void writesNumbersTruthAndMixedArraysAsTheyAre() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("least", Long.MIN_VALUE);
    document.put("float", 1e300);
    document.put("no", Double.NaN);
    document.put("yes", true);
    document.put("mixed", List.of(1L, "a", Map.of("k", "v"), List.of()));

    TomlParseResult parsed = parse(TomlWriter.write(document));

    assertThat(parsed.errors()).isEmpty();
    assertThat(parsed.getLong("least")).isEqualTo(Long.MIN_VALUE);
    assertThat(parsed.getDouble("float")).isEqualTo(1e300);
    assertThat(parsed.getDouble("no")).isNaN();
    assertThat(parsed.getBoolean("yes")).isTrue();
    assertThat(parsed.getArrayOrEmpty("mixed").size()).isEqualTo(4);
  }

  @Test
  void replacesHalfASurrogatePairWhichTomlCannotHold() {
    assertThat(parse(TomlWriter.write(Map.of("a", "x\ud800y"))).getString("a"))
        .isEqualTo("x\ufffdy");
  }

  @Test
  void refusesWhatTomlHasNoPlaceFor() {
    assertThatThrownBy(() -> TomlWriter.write(Map.of("a", new Object())))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void writesANetworkSoThatTheLoaderReadsTheSame() throws IOException {
    KeyFixtures.write(
        directory.resolve("own.key"), KeyFixtures.base64("test key own"), "rw-------");
    KeyFixtures.write(
        directory.resolve("psk.key"), KeyFixtures.base64("test key psk"), "rw-------");
    String original =
        """
        [network.home]
        enable_wireguard = false
        interface = "wg7"
        address = ["10.100.0.2/24", "fd42:1::2/64"]
        mtu = 1400
        listen_port = 51820
        private_key_path = "own.key"
        private_key_generate = true
        dns = ["10.100.0.53"]
        dns_search = ["corp.example"]
        table = 7000
        fwmark = 0xFFFFFFFE
        [[network.home.peers]]
        name = "core"
        public_key = "%s"
        preshared_key_path = "psk.key"
        endpoint = ["vpn.example.com:51820", "[2001:db8::1]:51820"]
        allowed_ips = ["10.42.0.0/16", "fd42:1::/48"]
        persistent_keepalive_secs = 25
        probe = "10.42.0.1"
        [[network.home.peers]]
        public_key = "%s"
        """
            .formatted(KeyFixtures.publicKey("test key a"), KeyFixtures.publicKey("test key b"));
    NetworkConfig network = load(original);

    String written = NetworkToml.write(network, "made by a test");

    assertThat(written).startsWith("# made by a test\n");
    assertThat(load(written))
        .usingRecursiveComparison()
        .ignoringFieldsOfTypes(Position.class)
        .isEqualTo(network);
    assertThat(NetworkToml.write(load(written), "made by a test")).isEqualTo(written);
  }

  private NetworkConfig load(String text) throws IOException {
    Path file = directory.resolve("config.toml");
    Files.writeString(file, text);
    return switch (new ConfigLoader(Map.of()).load(file)) {
      case ConfigResult.Loaded loaded -> loaded.config().networks().getFirst();
      case ConfigResult.Rejected rejected -> throw new AssertionError(rejected.problems());
    };
  }

  private static TomlParseResult parse(String text) {
    return Toml.parse(text, TomlVersion.V1_0_0);
  }
}
