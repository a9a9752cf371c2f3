package cloud.runbeam.wgagent.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.config.AgentConfig.AgentProperty;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
  private static final String CORE = KeyFixtures.publicKey("test key core");
  private static final String LAPTOP = KeyFixtures.publicKey("test key laptop");

  @TempDir private Path directory;

  @BeforeEach
  void writeKey() throws IOException {
    KeyFixtures.write(
        directory.resolve("own.key"), KeyFixtures.base64("test key own"), "rw-------");
    KeyFixtures.write(directory.resolve("psk"), KeyFixtures.base64("test psk"), "rw-------");
  }

  @Test
  void readsEveryKeyOfANetwork() throws IOException {
    AgentConfig config =
        load(
            """
            [network.default]
            enable_wireguard = false
            interface = "wg0"
            address = ["10.100.0.2/24", "fd42:1::2/64"]
            mtu = 1420
            listen_port = 51820
            private_key_path = "own.key"
            dns = "10.100.0.53"
            dns_search = ["corp.example"]
            routes = "auto"
            table = 1234
            fwmark = "0xca6c"
            kill_switch = false
            backend = "userspace"

            [network.default.http]
            anything = "goes"

            [[network.default.peers]]
            name = "core"
            public_key = "%s"
            preshared_key_path = "psk"
            endpoint = ["vpn.example.com:51820", "[2001:db8::1]:51821"]
            allowed_ips = ["10.42.7.9/16", "fd42:2::/48", "0.0.0.0/0"]
            persistent_keepalive_secs = 25
            probe = "10.42.0.1"
            """
                .formatted(CORE));

    NetworkConfig network = config.network("default").orElseThrow();
    assertThat(network.enabled()).isFalse();
    assertThat(network.interfaceName()).isEqualTo("wg0");
    assertThat(network.addresses())
        .extracting(IpPrefix::toString)
        .containsExactly("10.100.0.2/24", "fd42:1::2/64");
    assertThat(network.mtuBytes()).hasValue(1420);
    assertThat(network.listenPort()).isEqualTo(51820);
    assertThat(network.privateKey().describe())
        .isEqualTo("key file " + directory.resolve("own.key"));
    assertThat(network.dns()).containsExactly("10.100.0.53");
    assertThat(network.dnsSearch()).containsExactly("corp.example");
    assertThat(network.routes()).isTrue();
    assertThat(network.table()).hasValue(1234);
    assertThat(network.fwmark()).isEqualTo(0xca6c);
    PeerConfig peer = network.peers().getFirst();
    assertThat(peer.name()).isEqualTo("core");
    assertThat(peer.publicKey().toBase64()).isEqualTo(CORE);
    assertThat(peer.presharedKey()).isPresent();
    assertThat(peer.endpoints())
        .containsExactly(
            new EndpointName("vpn.example.com", 51820), new EndpointName("2001:db8::1", 51821));
    assertThat(peer.allowedIps())
        .extracting(IpPrefix::toString)
        .containsExactly("10.42.0.0/16", "fd42:2::/48", "0.0.0.0/0");
    assertThat(peer.persistentKeepaliveSeconds()).isEqualTo(25);
    assertThat(config.notices()).isEmpty();
  }

  @Test
  void takesTheDefaultRouteAndTheKillSwitch() throws IOException {
    AgentConfig config =
        load(
            """
            [network.default]
            interface = "wg0"
            private_key_path = "own.key"
            kill_switch = true
            allow_lan = true

            [[network.default.peers]]
            public_key = "%s"
            endpoint = "192.0.2.1:51820"
            allowed_ips = ["0.0.0.0/0", "::/0"]
            """
                .formatted(CORE));

    NetworkConfig network = config.network("default").orElseThrow();
    assertThat(network.killSwitch()).isTrue();
    assertThat(network.allowLan()).isTrue();
    assertThat(network.routes()).isTrue();
    assertThat(network.table()).isEmpty();
    assertThat(config.notices()).isEmpty();
  }

  @Test
  void saysWhenAKillSwitchCannotLookAnEndpointUp() throws IOException {
    AgentConfig config =
        load(
            """
            [network.default]
            interface = "wg0"
            private_key_path = "own.key"
            kill_switch = true

            [[network.default.peers]]
            public_key = "%s"
            endpoint = "vpn.example.com:51820"
            """
                .formatted(CORE));

    assertThat(config.notices())
        .extracting(Notice::key)
        .containsExactly("network.default.kill_switch");
  }

  @Test
  void saysThatAllowLanNeedsAKillSwitch() throws IOException {
    AgentConfig config = load(minimal("").replace("interface =", "allow_lan = true\ninterface ="));

    assertThat(config.notices())
        .extracting(Notice::key)
        .containsExactly("network.default.allow_lan");
  }

  @Test
  void fillsInDefaults() throws IOException {
    AgentConfig config = load(minimal(""));

    NetworkConfig network = config.network("default").orElseThrow();
    assertThat(network.enabled()).isTrue();
    assertThat(network.addresses()).isEmpty();
    assertThat(network.mtuBytes()).isEmpty();
    assertThat(network.listenPort()).isZero();
    assertThat(network.routes()).isTrue();
    assertThat(network.table()).isEqualTo(OptionalInt.empty());
    assertThat(network.killSwitch()).isFalse();
    assertThat(network.allowLan()).isFalse();
    assertThat(config.agent()).isEqualTo(AgentSettings.defaults());
    assertThat(config.notices()).isEmpty();
  }

  @Test
  void takesOneAddressAsAText() throws IOException {
    NetworkConfig network =
        load(minimal("address = \"10.0.0.1\"\n")).network("default").orElseThrow();

    assertThat(network.addresses()).extracting(IpPrefix::toString).containsExactly("10.0.0.1/32");
  }

  @Test
  void makesNoRoutesWithTableOff() throws IOException {
    NetworkConfig network = load(minimal("table = \"off\"\n")).network("default").orElseThrow();

    assertThat(network.routes()).isFalse();
  }

  @Test
  void givesStrayPeersToTheOnlyNetworkWithANote() throws IOException {
    AgentConfig config =
        load(
            minimal("") + "[[network.peers]]\nname = \"stray\"\npublic_key = \"" + LAPTOP + "\"\n");

    assertThat(config.network("default").orElseThrow().peers())
        .extracting(PeerConfig::name)
        .containsExactly("stray");
    assertThat(config.notices()).hasSize(1);
    assertThat(config.notices().getFirst().toString())
        .endsWith(
            ":4:1: network.peers: taken as peers of network default; write"
                + " [[network.default.peers]]");
  }

  @Test
  void namesAPeerWithoutNameByItsKey() throws IOException {
    AgentConfig config =
        load(minimal("") + "[[network.default.peers]]\npublic_key = \"" + CORE + "\"\n");

    assertThat(config.network("default").orElseThrow().peers().getFirst().name()).isEqualTo(CORE);
  }

  @Test
  void warnsOfAnEndpointThatIsRoutedIntoTheTunnel() throws IOException {
    AgentConfig config =
        load(
            minimal("")
                + "[[network.default.peers]]\npublic_key = \""
                + CORE
                + "\"\nendpoint = \"192.0.2.1:1\"\nallowed_ips = \"192.0.2.0/24\"\n");

    assertThat(config.notices())
        .extracting(Notice::key)
        .containsExactly("network.default.peers[0].endpoint");
  }

  @Test
  void doesNotMakeAKeyWhileItOnlyReads() throws IOException {
    AgentConfig config =
        load(
            """
            [network.default]
            interface = "wg0"
            private_key_path = "new.key"
            private_key_generate = true
            """);

    assertThat(config.networks()).hasSize(1);
    assertThat(directory.resolve("new.key")).doesNotExist();
  }

  @Test
  void readsTheAgentTableAndKeepsItForSpring() throws IOException {
    AgentConfig config =
        load(
            """
            [agent]
            state_dir = "/srv/wg"
            [agent.control]
            socket = "/srv/wg/c.sock"
            reader_groups = ["look"]
            [agent.http]
            bind_port = 0
            [agent.log]
            level = "debug"
            format = "json"
            """);

    assertThat(config.agent().stateDir()).isEqualTo(Path.of("/srv/wg"));
    assertThat(config.agent().control().socket()).isEqualTo(Path.of("/srv/wg/c.sock"));
    assertThat(config.agent().control().adminGroups()).containsExactly("wg-agent");
    assertThat(config.agent().control().readerGroups()).containsExactly("look");
    assertThat(config.agent().http().bindPort()).isZero();
    assertThat(config.agent().log().level()).isEqualTo(AgentSettings.LogLevel.DEBUG);
    assertThat(config.agent().log().format()).isEqualTo(AgentSettings.LogFormat.JSON);
    assertThat(config.agentProperties())
        .contains(
            new AgentProperty("wg.agent.http.bind-port", 0, new Position(7, 1)),
            new AgentProperty("wg.agent.control.reader-groups[0]", "look", new Position(5, 18)));
  }

  @Test
  void letsTheEnvironmentOverrideTheAgentTableInBothSpellings() throws IOException {
    String text = "[agent]\nstate_dir = \"/srv/wg\"\n[agent.http]\nbind_port = 1\n";
    Map<String, String> environment =
        Map.of(
            "WG_AGENT_STATE_DIR", "/srv/other",
            "WG_AGENT_HTTP_BINDPORT", "2",
            "WG_AGENT_CONTROL_ADMINGROUPS", "one, two",
            "WG_AGENT_LOG_LEVEL", "WARN");

    AgentConfig config = load(text, environment);

    assertThat(config.agent().stateDir()).isEqualTo(Path.of("/srv/other"));
    assertThat(config.agent().http().bindPort()).isEqualTo(2);
    assertThat(config.agent().control().adminGroups()).containsExactly("one", "two");
    assertThat(config.agent().log().level()).isEqualTo(AgentSettings.LogLevel.WARN);
  }

  @Test
  void namesTheVariableThatIsWrong() throws IOException {
    Path file = directory.resolve("config.toml");
    Files.writeString(file, "");

    ConfigResult result = new ConfigLoader(Map.of("WG_AGENT_HTTP_BIND_PORT", "many")).load(file);

    assertThat(((ConfigResult.Rejected) result).problems().getFirst().toString())
        .isEqualTo(
            file
                + ": environment variable WG_AGENT_HTTP_BIND_PORT: \"many\" is not a number from 0 on:"
                + " use a number from 0 to 65535");
  }

  @Test
  void quotesNoSecretInAnyProblem() throws IOException {
    String secret = KeyFixtures.base64("test key that must stay secret");
    Path file = directory.resolve("config.toml");
    for (String line :
        List.of(
            "private_key = \"" + secret + "\"",
            "private_key = " + secret,
            "preshared_key = '" + secret,
            "private_key_env = \"" + secret + "\"",
            "private_key_credential = \"" + secret + "\"",
            "[[network.default.peers]]\npublic_key = \"" + secret.substring(1) + "\"")) {
      Files.writeString(file, "[network.default]\ninterface = \"wg0\"\n" + line + "\n");

      ConfigResult result = new ConfigLoader(Map.of()).load(file);

      assertThat(result).isInstanceOf(ConfigResult.Rejected.class);
      assertThat(result.toString()).doesNotContain(secret.substring(1, 20));
    }
  }

  private String minimal(String more) {
    return "[network.default]\ninterface = \"wg0\"\nprivate_key_path = \"own.key\"\n" + more;
  }

  private AgentConfig load(String text) throws IOException {
    return load(text, Map.of());
  }

  private AgentConfig load(String text, Map<String, String> environment) throws IOException {
    Path file = directory.resolve("config.toml");
    Files.writeString(file, text);
    return switch (new ConfigLoader(environment).load(file)) {
      case ConfigResult.Loaded loaded -> loaded.config();
      case ConfigResult.Rejected rejected -> throw new AssertionError(rejected.problems());
    };
  }
}
