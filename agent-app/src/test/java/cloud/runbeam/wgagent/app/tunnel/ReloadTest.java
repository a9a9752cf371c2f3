package cloud.runbeam.wgagent.app.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import cloud.runbeam.wgagent.app.config.ConfigLoader;
import cloud.runbeam.wgagent.app.config.ConfigResult;
import cloud.runbeam.wgagent.app.config.KeyFixtures;
import cloud.runbeam.wgagent.app.tunnel.NetworkDiff.Action;
import cloud.runbeam.wgagent.app.tunnel.TunnelException.Reason;
import cloud.runbeam.wgagent.engine.WireGuardDevice;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a reload changes, what it leaves alone, and what is in force after one that failed. */
@Timeout(60)
class ReloadTest {
  private static final String CORE =
      """
      [[network.default.peers]]
      name = "core"
      public_key = "%s"
      preshared_key_path = "psk"
      endpoint = "192.0.2.1:51820"
      allowed_ips = ["10.42.0.0/16", "fd42:2::/48"]
      persistent_keepalive_secs = 25
      """
          .formatted(KeyFixtures.publicKey("test key core"));
  private static final String LAPTOP =
      """
      [[network.default.peers]]
      name = "laptop"
      public_key = "%s"
      allowed_ips = "10.43.0.3/32"
      """
          .formatted(KeyFixtures.publicKey("test key laptop"));
  private static final String SELF =
      """
      [network.default]
      interface = "wg0"
      address = ["10.100.0.2/24"]
      listen_port = 51820
      private_key_path = "own.key"
      """;
  private static final String NETWORK = SELF + CORE + LAPTOP;

  @TempDir private Path directory;
  private TestNetworks world;
  private TunnelService tunnels;
  private WireGuardDevice device;
  private int doneBefore;

  @BeforeEach
  void bringUp() throws Exception {
    world = new TestNetworks(directory);
    tunnels = world.service(NETWORK);
    tunnels.connectAll();
    device = world.engine.devices().getFirst();
    doneBefore = world.platform.done().size();
  }

  @AfterEach
  void takeDown() {
    tunnels.disconnectAll();
    world.assertNothingLeft();
    world.close();
  }

  @Test
  void doesNothingWhenTheFileSaysTheSame() throws Exception {
    NetworkDiff diff = reload(SELF + LAPTOP + CORE);

    assertThat(diff.action()).isEqualTo(Action.NONE);
    assertThat(diff.isEmpty()).isTrue();
    assertUntouched();
  }

  @Test
  void addsAPeerWithItsRoutesAndTouchesNothingElse() throws Exception {
    String added = LAPTOP.replace("laptop", "phone").replace("10.43.0.3", "10.43.0.4");
    added = added.replace(publicKey("laptop"), publicKey("phone"));

    NetworkDiff diff = reload(NETWORK + added);

    assertThat(diff.action()).isEqualTo(Action.UPDATE);
    assertThat(diff.peersAdded()).containsExactly("phone");
    assertThat(diff.peersUpdated()).isEmpty();
    assertThat(diff.routesAdded()).containsExactly("10.43.0.4/32");
    assertThat(diff.restarted()).isFalse();
    assertThat(done()).containsExactly("route 10.43.0.4/32 dev wg0 table 254");
    assertThat(TestNetworks.peer(tunnels, "default", "phone").allowedIps()).hasSize(1);
    assertSameDevice();
  }

  @Test
  void removesAPeerWithItsRoutes() throws Exception {
    NetworkDiff diff = reload(SELF + CORE);

    assertThat(diff.peersRemoved()).containsExactly("laptop");
    assertThat(diff.routesRemoved()).containsExactly("10.43.0.3/32");
    assertThat(TestNetworks.device(tunnels, "default").peers()).hasSize(1);
    assertThat(world.platform.installedRoutes())
        .containsExactlyInAnyOrder(
            "10.42.0.0/16 dev wg0 table 254", "fd42:2::/48 dev wg0 table 254");
    assertSameDevice();
  }

  @Test
  void updatesOnePeerWithoutTouchingTheOther() throws Exception {
    NetworkDiff diff =
        reload(
            NETWORK
                .replace("10.42.0.0/16", "10.44.0.0/16")
                .replace("192.0.2.1:51820", "192.0.2.9:1")
                .replace("keepalive_secs = 25", "keepalive_secs = 0"));

    assertThat(diff.peersUpdated()).containsExactly("core");
    assertThat(diff.routesAdded()).containsExactly("10.44.0.0/16");
    assertThat(diff.routesRemoved()).containsExactly("10.42.0.0/16");
    var core = TestNetworks.peer(tunnels, "default", "core");
    assertThat(core.allowedIps())
        .extracting(Object::toString)
        .containsExactly("10.44.0.0/16", "fd42:2::/48");
    assertThat(core.endpoint().orElseThrow().toString()).isEqualTo("192.0.2.9:1");
    assertThat(core.persistentKeepaliveSeconds()).isZero();
    assertThat(core.hasPresharedKey()).isTrue();
    assertSameDevice();
  }

  @Test
  void movesAPrefixFromOnePeerToTheOther() throws Exception {
    NetworkDiff diff =
        reload(
            NETWORK
                .replace("\"10.42.0.0/16\", ", "")
                .replace("\"10.43.0.3/32\"", "[\"10.43.0.3/32\", \"10.42.0.0/16\"]"));

    assertThat(diff.peersUpdated()).containsExactlyInAnyOrder("core", "laptop");
    assertThat(diff.routesAdded()).isEmpty();
    assertThat(diff.routesRemoved()).isEmpty();
    assertThat(TestNetworks.peer(tunnels, "default", "laptop").allowedIps()).hasSize(2);
    assertThat(done()).isEmpty();
  }

  @Test
  void noticesAPresharedKeyThatChangedOnDisk() throws Exception {
    world.key("psk", "another test psk");

    assertThat(tunnels.plan(world.network(NETWORK)).peersUpdated()).containsExactly("core");
    assertThat(reload(NETWORK).peersUpdated()).containsExactly("core");

    assertThat(reload(NETWORK).action()).as("once").isEqualTo(Action.NONE);
    assertSameDevice();
  }

  @Test
  void takesAPresharedKeyAway() throws Exception {
    NetworkDiff diff = reload(NETWORK.replace("preshared_key_path = \"psk\"\n", ""));

    assertThat(diff.peersUpdated()).containsExactly("core");
    assertThat(TestNetworks.peer(tunnels, "default", "core").hasPresharedKey()).isFalse();
  }

  @Test
  void noticesAPrivateKeyThatChangedOnDisk() throws Exception {
    world.key("own.key", "another test key");

    NetworkDiff diff = reload(NETWORK);

    assertThat(diff.changed()).containsExactly("private_key");
    assertThat(TestNetworks.device(tunnels, "default").publicKey().orElseThrow().toBase64())
        .isEqualTo(publicKey("another test key", ""));
    assertThat(reload(NETWORK).action()).isEqualTo(Action.NONE);
    assertSameDevice();
  }

  @Test
  void changesEverythingThatBelongsToTheNetworkItself() throws Exception {
    NetworkDiff diff =
        reload(
            NETWORK
                .replace("[\"10.100.0.2/24\"]", "[\"10.101.0.2/24\"]\nmtu = 1300\ntable = 77")
                .replace("51820\nprivate", "51821\nprivate"));

    assertThat(diff.changed()).containsExactly("mtu", "listen_port", "table");
    assertThat(diff.addressesAdded()).containsExactly("10.101.0.2/24");
    assertThat(diff.addressesRemoved()).containsExactly("10.100.0.2/24");
    assertThat(world.platform.openPorts()).containsExactly(51_821);
    assertThat(done()).contains("mtu 1300 dev wg0");
    assertThat(world.platform.installedRoutes())
        .containsExactlyInAnyOrder(
            "10.42.0.0/16 dev wg0 table 77",
            "fd42:2::/48 dev wg0 table 77",
            "10.43.0.3/32 dev wg0 table 77");
    assertSameDevice();
  }

  @Test
  void restartsOnlyForAnotherInterfaceName() throws Exception {
    NetworkDiff diff = reload(NETWORK.replace("\"wg0\"", "\"wg9\""));

    assertThat(diff.action()).isEqualTo(Action.RESTART);
    assertThat(diff.restarted()).isTrue();
    assertThat(diff.changed()).containsExactly("interface");
    assertThat(world.platform.interfaceNames()).containsExactly("wg9");
  }

  @Test
  void keepsTheFormerInterfaceWhenTheNewOneIsTaken() throws Exception {
    world.platform.addForeignInterface("wg9");

    assertThatThrownBy(() -> reload(NETWORK.replace("\"wg0\"", "\"wg9\"")))
        .hasMessageContaining("an interface of that name exists")
        .hasMessageContaining("the former settings are in force");

    assertThat(tunnels.status("default").orElseThrow().state()).isEqualTo(TunnelState.ACTIVE);
    assertThat(tunnels.status("default").orElseThrow().interfaceName()).isEqualTo("wg0");
    world.platform.deleteInterface("wg9");
  }

  @ParameterizedTest
  @CsvSource({
    "address 10.101, 'addresses, routes and other settings of this machine'",
    "route 10.44, 'addresses, routes and other settings of this machine'",
    "mtu 1300, 'addresses, routes and other settings of this machine'",
  })
  void putsEverythingBackWhenAStepFails(String step, String named) throws Exception {
    Set<String> routes = world.platform.installedRoutes();
    world.platform.refuse(step);
    String wanted =
        (SELF + CORE)
            .replace("[\"10.100.0.2/24\"]", "[\"10.101.0.2/24\"]\nmtu = 1300")
            .replace("51820\nprivate", "51821\nprivate")
            .replace("10.42.0.0/16", "10.44.0.0/16");

    assertThatThrownBy(() -> reload(wanted))
        .isInstanceOfSatisfying(
            TunnelException.class,
            refused -> assertThat(refused.reason()).isEqualTo(Reason.PLATFORM))
        .hasMessageStartingWith("network default: cannot change " + named + ": cannot " + step)
        .hasMessageEndingWith("the former settings are in force");

    assertThat(world.platform.installedRoutes()).isEqualTo(routes);
    assertThat(world.platform.openPorts()).containsExactly(51_820);
    assertThat(TestNetworks.device(tunnels, "default").peers()).hasSize(2);
    assertThat(tunnels.plan(world.network(NETWORK)).action()).isEqualTo(Action.NONE);
    assertSameDevice();
    world.platform.allow();
    assertThat(reload(wanted).action()).isEqualTo(Action.UPDATE);
  }

  @Test
  void changesNothingWhenThePortIsTaken() throws Exception {
    world.platform.takePort(51_821);

    assertThatThrownBy(() -> reload((SELF + CORE).replace("51820\nprivate", "51821\nprivate")))
        .hasMessageContaining("cannot change the listen port")
        .hasMessageContaining("EADDRINUSE");

    assertUntouched();
    assertThat(TestNetworks.device(tunnels, "default").peers()).hasSize(2);
  }

  @Test
  void changesNothingWhenAKeyCannotBeRead() throws Exception {
    var wanted = world.networks(SELF + CORE);
    KeyFixtures.write(directory.resolve("psk"), KeyFixtures.base64("test psk"), "rw-r--r--");

    assertThatThrownBy(() -> tunnels.reload(wanted)).hasMessageContaining("mode 0644");

    assertUntouched();
  }

  @Test
  void plansWithoutChangingAnything() throws Exception {
    List<NetworkDiff> plan =
        tunnels.plan(world.networks((SELF + CORE).replace("default", "other")));

    assertThat(plan)
        .extracting(NetworkDiff::network, NetworkDiff::action)
        .containsExactly(tuple("default", Action.STOP), tuple("other", Action.START));
    assertUntouched();
    assertThat(tunnels.status()).hasSize(1);
  }

  @Test
  void startsWhatIsNewAndStopsWhatIsGone() throws Exception {
    List<NetworkDiff> diffs =
        tunnels.reload(world.networks((SELF + CORE).replace("default", "other")));

    assertThat(diffs).extracting(NetworkDiff::action).containsExactly(Action.STOP, Action.START);
    assertThat(tunnels.status()).extracting(NetworkStatus::name).containsExactly("other");
    assertThat(tunnels.status("other").orElseThrow().state()).isEqualTo(TunnelState.ACTIVE);
    assertThatThrownBy(() -> tunnels.connect("default")).hasMessage("default");
  }

  @Test
  void stopsWhatIsDisabledAndStartsWhatIsEnabled() throws Exception {
    String disabled = NETWORK.replace("interface", "enable_wireguard = false\ninterface");

    assertThat(reload(disabled).action()).isEqualTo(Action.STOP);
    assertThat(tunnels.status("default").orElseThrow().state()).isEqualTo(TunnelState.STOPPED);
    assertThat(reload(NETWORK).action()).isEqualTo(Action.START);
    assertThat(tunnels.status("default").orElseThrow().state()).isEqualTo(TunnelState.ACTIVE);
  }

  @Test
  void leavesDownWhatWasTakenDownOnRequest() throws Exception {
    NetworkStatus _ = tunnels.disconnect("default");

    assertThat(reload(SELF + CORE).action()).isEqualTo(Action.UPDATE);
    assertThat(tunnels.status("default").orElseThrow().state()).isEqualTo(TunnelState.STOPPED);
    NetworkStatus _ = tunnels.connect("default");
    assertThat(TestNetworks.device(tunnels, "default").peers()).hasSize(1);
  }

  @Test
  void triesAgainWhatHadFailed() throws Exception {
    world.platform.takePort(51_830);
    String second = SELF.replace("default", "second").replace("wg0", "wg1");
    second = second.replace("51820", "51830").replace("10.100", "10.102");
    String both = NETWORK + second;

    assertThatThrownBy(() -> tunnels.reload(world.networks(both)))
        .hasMessageStartingWith("network second: ");
    assertThat(tunnels.status("default").orElseThrow().state()).isEqualTo(TunnelState.ACTIVE);
    assertThat(tunnels.status("second").orElseThrow().state()).isEqualTo(TunnelState.ERROR);
    world.platform.freePort(51_830);

    assertThat(tunnels.reload(world.networks(both)))
        .extracting(NetworkDiff::action)
        .containsExactly(Action.NONE, Action.START);
  }

  @Test
  void setsAndRemovesOnePeer() throws Exception {
    var changed = world.peer(NETWORK.replace("10.43.0.3", "10.43.0.9"), "laptop");

    NetworkStatus status = tunnels.setPeer("default", changed);

    assertThat(status.source()).isEqualTo(NetworkSource.API);
    assertThat(TestNetworks.peer(tunnels, "default", "laptop").allowedIps())
        .extracting(Object::toString)
        .containsExactly("10.43.0.9/32");
    PublicKey laptop = changed.publicKey();
    assertThat(tunnels.removePeer("default", laptop).device().orElseThrow().peers()).hasSize(1);
    assertThatThrownBy(() -> tunnels.removePeer("default", laptop))
        .hasMessageContaining("has no peer with public key");
    assertThat(reload(NETWORK).peersAdded()).as("the file rules").containsExactly("laptop");
    assertThat(tunnels.status("default").orElseThrow().source()).isEqualTo(NetworkSource.FILE);
    assertSameDevice();
  }

  @Test
  void givesAPrefixThatAnotherPeerHasToThePeerThatIsSet() throws Exception {
    var greedy =
        world.peer(
            NETWORK.replace("10.43.0.3/32", "10.42.0.0/16").replace("\"10.42.0.0/16\", ", ""),
            "laptop");

    NetworkStatus status = tunnels.setPeer("default", greedy);

    assertThat(status.config().peers().getFirst().allowedIps())
        .extracting(Object::toString)
        .containsExactly("fd42:2::/48");
    assertThat(TestNetworks.peer(tunnels, "default", "core").allowedIps()).hasSize(1);
  }

  @Test
  void readsTheFileAgainAndRefusesOneWithProblems() throws Exception {
    var started = (ConfigResult.Loaded) new ConfigLoader(Map.of()).load(world.configFile());
    Reloader reloader = new Reloader(started.config(), new ConfigLoader(Map.of()), tunnels);
    Files.writeString(world.configFile(), NETWORK + "nonsense = ");

    assertThat(reloader.reload())
        .isInstanceOfSatisfying(
            ReloadResult.Rejected.class, rejected -> assertThat(rejected.problems()).isNotEmpty());
    assertUntouched();
    Files.writeString(world.configFile(), "[agent]\nstate_dir = \"/elsewhere\"\n" + SELF + CORE);
    assertThat(reloader.plan("default")).isInstanceOf(ReloadResult.Applied.class);
    assertThat(TestNetworks.device(tunnels, "default").peers()).hasSize(2);
    assertThat(reloader.reload("default"))
        .isInstanceOfSatisfying(
            ReloadResult.Applied.class,
            applied -> {
              assertThat(applied.agentChanged()).isTrue();
              assertThat(applied.networks().getFirst().peersRemoved()).containsExactly("laptop");
            });
    assertThatThrownBy(() -> reloader.reload("other"))
        .isInstanceOfSatisfying(
            TunnelException.class,
            refused -> assertThat(refused.reason()).isEqualTo(Reason.NETWORK_NOT_FOUND));
  }

  private NetworkDiff reload(String text) throws IOException, TunnelException {
    return tunnels.reload(world.networks(text)).getFirst();
  }

  private static String publicKey(String name) {
    return KeyFixtures.publicKey("test key " + name);
  }

  private static String publicKey(String label, String suffix) {
    return KeyFixtures.publicKey(label + suffix);
  }

  private List<String> done() {
    List<String> all = world.platform.done();
    return all.subList(doneBefore, all.size());
  }

  private void assertSameDevice() {
    assertThat(world.engine.devices()).containsExactly(device);
    assertThat(tunnels.status("default").orElseThrow().state()).isEqualTo(TunnelState.ACTIVE);
  }

  private void assertUntouched() {
    assertThat(done()).isEmpty();
    assertSameDevice();
  }
}
