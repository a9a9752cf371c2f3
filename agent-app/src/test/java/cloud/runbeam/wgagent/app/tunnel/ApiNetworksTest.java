package cloud.runbeam.wgagent.app.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import cloud.runbeam.wgagent.app.config.KeyFixtures;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.tunnel.NetworkDiff.Action;
import cloud.runbeam.wgagent.app.tunnel.TunnelException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Networks that come over the API, beside those of the file, and those of them that are kept. */
@Timeout(60)
class ApiNetworksTest {
  private static final String FILE =
      """
      [network.default]
      interface = "wg0"
      address = "10.100.0.2/24"
      private_key_path = "own.key"
      """;
  private static final String API =
      """
      [network.api]
      interface = "wg1"
      address = "10.101.0.2/24"
      listen_port = 51830
      private_key_path = "own.key"
      kill_switch = true
      allow_lan = true
      mtu = 1300
      routes = "off"
      table = 77
      fwmark = 7
      [[network.api.peers]]
      name = "core"
      public_key = "%s"
      preshared_key_path = "psk"
      endpoint = ["vpn.example:51820", "192.0.2.7:1"]
      allowed_ips = ["10.42.0.0/16", "fd42:2::/48"]
      persistent_keepalive_secs = 25
      """
          .formatted(KeyFixtures.publicKey("test key core"));

  @TempDir private Path directory;
  private TestNetworks world;
  private TunnelService tunnels;

  @BeforeEach
  void bringUp() throws Exception {
    world = new TestNetworks(directory);
    world.resolve("vpn.example", "192.0.2.1");
    tunnels = world.service(FILE);
    tunnels.connectAll();
  }

  @AfterEach
  void takeDown() {
    tunnels.disconnectAll();
    world.assertNothingLeft();
    world.close();
  }

  @Test
  void bringsUpANetworkThatTheFileDoesNotKnow() throws Exception {
    NetworkStatus status = tunnels.connect(api(), false);

    assertThat(status.state()).isEqualTo(TunnelState.ACTIVE);
    assertThat(status.source()).isEqualTo(NetworkSource.API);
    assertThat(status.persistent()).isFalse();
    assertThat(tunnels.status()).extracting(NetworkStatus::name).containsExactly("default", "api");
    assertThat(tunnels.reload(world.networks(FILE)))
        .as("the file says nothing about it")
        .extracting(NetworkDiff::network)
        .containsExactly("default");
    assertThat(tunnels.status("api").orElseThrow().state()).isEqualTo(TunnelState.ACTIVE);
    assertThat(keptFile()).doesNotExist();
  }

  @Test
  void staysListedAfterItWasTakenDownAndTakesOtherSettingsThen() throws Exception {
    NetworkStatus _ = tunnels.connect(api(), false);
    assertThatThrownBy(() -> tunnels.connect(api(), false))
        .isInstanceOfSatisfying(
            TunnelException.class,
            refused -> assertThat(refused.reason()).isEqualTo(Reason.INVALID_STATE))
        .hasMessage("network api is active");

    NetworkStatus _ = tunnels.disconnect("api");
    assertThat(tunnels.status("api").orElseThrow().state()).isEqualTo(TunnelState.STOPPED);
    NetworkStatus again =
        tunnels.connect(world.network(API.replace("10.101.0.2", "10.101.0.3")), false);

    assertThat(again.config().addresses().getFirst()).hasToString("10.101.0.3/24");
  }

  @Test
  void keepsAFailedNetworkListedWithItsReason() throws Exception {
    world.platform.takePort(51_830);

    assertThatThrownBy(() -> tunnels.connect(api(), true)).hasMessageContaining("EADDRINUSE");

    NetworkStatus status = tunnels.status("api").orElseThrow();
    assertThat(status.state()).isEqualTo(TunnelState.ERROR);
    assertThat(status.failure().orElseThrow()).contains("EADDRINUSE");
    assertThat(keptFile()).doesNotExist();
    world.platform.freePort(51_830);
    assertThat(tunnels.connect(api(), true).state()).isEqualTo(TunnelState.ACTIVE);
  }

  @Test
  void refusesTheInterfaceOrPortOfAnotherNetwork() throws Exception {
    assertThatThrownBy(() -> tunnels.connect(world.network(API.replace("wg1", "wg0")), false))
        .isInstanceOfSatisfying(
            TunnelException.class, refused -> assertThat(refused.reason()).isEqualTo(Reason.CONFIG))
        .hasMessage(
            "network api: interface wg0 is that of network default: give each network its own");
    NetworkStatus _ = tunnels.connect(api(), false);
    assertThatThrownBy(() ->
            tunnels.reload(world.network(FILE.replace("address", "listen_port = 51830\naddress"))))
        .hasMessageContaining("listen port 51830 is that of network api");
  }

  @Test
  void replacesSettingsOfTheFileUntilItIsReloaded() throws Exception {
    NetworkDiff diff = tunnels.reload(world.network(FILE.replace("10.100.0.2", "10.100.0.9")));

    assertThat(diff.addressesAdded()).containsExactly("10.100.0.9/24");
    assertThat(tunnels.status("default").orElseThrow().source()).isEqualTo(NetworkSource.API);
    NetworkDiff back = tunnels.reload(world.networks(FILE)).getFirst();
    assertThat(back.addressesAdded()).containsExactly("10.100.0.2/24");
    assertThat(tunnels.status("default").orElseThrow().source()).isEqualTo(NetworkSource.FILE);
  }

  @Test
  void comesBackWithTheNextAgentIfItWasToBeKept() throws Exception {
    NetworkStatus status = tunnels.connect(api(), true);

    assertThat(status.persistent()).isTrue();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keptFile())))
        .isEqualTo("rw-------");
    tunnels.disconnectAll();
    tunnels = world.service(FILE);
    assertThat(withoutPlace(tunnels.status("api").orElseThrow().config()))
        .isEqualTo(withoutPlace(status.config()));
    tunnels.connectAll();
    assertThat(tunnels.status("api").orElseThrow().state()).isEqualTo(TunnelState.ACTIVE);
    assertThat(tunnels.status("api").orElseThrow().persistent()).isTrue();
  }

  @Test
  void keepsEveryKeyOfANetwork() throws Exception {
    String dns = "dns = [\"10.101.0.1\"]\ndns_search = [\"corp.example\"]\nmtu = 1300";
    NetworkConfig config =
        world.network(
            API.replace("mtu = 1300", dns)
                .replace("interface", "enable_wireguard = false\ninterface")
                .replace("persistent_keepalive", "probe = \"10.42.0.1\"\npersistent_keepalive"));

    world.files.keep(config);

    assertThat(withoutPlace(world.files.load().getFirst())).isEqualTo(withoutPlace(config));
  }

  @Test
  void liftsTheKillSwitchOnRequestOnly() throws Exception {
    NetworkStatus _ = tunnels.connect(api(), false);
    assertThat(world.platform.guarded()).containsExactly("wg1");
    var _ = tunnels.reload(world.network(API.replace("\"wg1\"", "\"wg7\"")));
    assertThat(world.platform.guarded()).containsExactly("wg7");
    world.platform.deleteInterface("wg7");
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> tunnels.status("api").orElseThrow().state() == TunnelState.ERROR);
    assertThat(world.platform.guarded()).as("the tunnel is gone").containsExactly("wg7");

    NetworkStatus _ = tunnels.disconnect("api");
    assertThat(world.platform.guarded()).isEmpty();
    NetworkStatus _ = tunnels.connect("api");
    tunnels.disconnectAll();
    assertThat(world.platform.guarded()).as("the agent ends").containsExactly("wg7");
  }

  @Test
  void keepsLaterChangesToo() throws Exception {
    NetworkStatus _ = tunnels.connect(api(), true);
    var core = world.peer(API.replace("10.42.0.0/16", "10.77.0.0/16"), "core");

    NetworkStatus _ = tunnels.setPeer("api", core);

    assertThat(Files.readString(keptFile())).contains("10.77.0.0/16");
  }

  @Test
  void rulesOverTheFileWhereItIsKept() throws Exception {
    NetworkStatus _ = tunnels.disconnect("default");
    NetworkConfig mine = world.network(FILE.replace("10.100.0.2", "10.100.0.9"));
    NetworkStatus _ = tunnels.connect(mine, true);

    assertThat(tunnels.reload(world.networks(FILE)).getFirst().action()).isEqualTo(Action.NONE);
    tunnels.disconnectAll();
    tunnels = world.service(FILE);
    NetworkStatus status = tunnels.status("default").orElseThrow();
    assertThat(status.config().addresses().getFirst()).hasToString("10.100.0.9/24");
    assertThat(status.source()).isEqualTo(NetworkSource.API);

    tunnels.forget("default");
    assertThat(tunnels.status("default")).isEmpty();
    assertThat(tunnels.reload(world.networks(FILE)).getFirst().action()).isEqualTo(Action.START);
    assertThat(tunnels.status("default").orElseThrow().config().addresses().getFirst())
        .hasToString("10.100.0.2/24");
  }

  @Test
  void takesItDownAgainWhenItCannotBeKept() throws Exception {
    Files.createDirectories(world.stateDir());
    Files.writeString(world.stateDir().resolve("networks.d"), "a file where a directory should be");

    assertThatThrownBy(() -> tunnels.connect(api(), true))
        .hasMessageContaining("cannot keep network api")
        .hasMessageContaining("without persist");

    assertThat(tunnels.status("api").orElseThrow().state()).isEqualTo(TunnelState.STOPPED);
    assertThat(world.platform.interfaceNames()).containsExactly("wg0");
  }

  @Test
  void leavesOutWhatIsTornAndStartsTheRest() throws Exception {
    NetworkStatus _ = tunnels.connect(api(), true);
    Path kept = keptFile();
    String whole = Files.readString(kept);
    Path torn = kept.resolveSibling("torn.toml");
    Files.writeString(torn, whole.substring(0, whole.length() / 2));
    Files.writeString(kept.resolveSibling("renamed.toml"), whole);
    Files.writeString(kept.resolveSibling(".api.toml.new"), "half a");
    Files.createSymbolicLink(kept.resolveSibling("link.toml"), kept);

    assertThat(world.files.load()).extracting(NetworkConfig::name).containsExactly("api");
    assertThat(torn).as("never lost").exists();
  }

  @Test
  void startsTheAgentAlthoughAKeptNetworkFails() throws Exception {
    NetworkStatus _ = tunnels.connect(api(), true);
    tunnels.disconnectAll();
    world.platform.takePort(51_830);
    tunnels = world.service(FILE);

    tunnels.connectAll();

    assertThat(tunnels.status("default").orElseThrow().state()).isEqualTo(TunnelState.ACTIVE);
    assertThat(tunnels.status("api").orElseThrow().state()).isEqualTo(TunnelState.ERROR);
  }

  private NetworkConfig api() throws IOException {
    return world.network(API);
  }

  private Path keptFile() {
    return world.stateDir().resolve("networks.d").resolve("api.toml");
  }

  /** What a network is, without where that was read. */
  private static List<Object> withoutPlace(NetworkConfig config) {
    return List.of(
        config.name(),
        config.enabled(),
        config.interfaceName(),
        config.addresses(),
        config.mtuBytes(),
        config.listenPort(),
        config.privateKey().describe(),
        config.dns(),
        config.dnsSearch(),
        config.routes(),
        config.table(),
        config.fwmark(),
        config.killSwitch(),
        config.allowLan(),
        config.peers().stream()
            .map(peer ->
                List.of(
                    peer.name(),
                    peer.publicKey(),
                    peer.endpoints(),
                    peer.allowedIps(),
                    peer.persistentKeepaliveSeconds(),
                    peer.probe(),
                    peer.presharedKey().orElseThrow().describe()))
            .toList());
  }
}
