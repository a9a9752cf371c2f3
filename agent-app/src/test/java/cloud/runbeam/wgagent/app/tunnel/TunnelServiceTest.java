package cloud.runbeam.wgagent.app.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import cloud.runbeam.wgagent.app.config.ConfigLoader;
import cloud.runbeam.wgagent.app.config.ConfigResult;
import cloud.runbeam.wgagent.app.config.KeyFixtures;
import cloud.runbeam.wgagent.app.config.KeyReader;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.host.HostNetworks;
import cloud.runbeam.wgagent.app.rotation.RotationPorts;
import cloud.runbeam.wgagent.app.rotation.RotationStore;
import cloud.runbeam.wgagent.app.tunnel.TunnelException.Reason;
import cloud.runbeam.wgagent.engine.EnginePorts;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real engine, machine in memory. */
@Timeout(60)
class TunnelServiceTest {
  private static final String CORE = KeyFixtures.publicKey("test key core");
  private static final String LAPTOP = KeyFixtures.publicKey("test key laptop");
  private static final String NETWORK =
      """
      [network.default]
      interface = "wg0"
      address = ["10.100.0.2/24", "fd42:1::2/64"]
      listen_port = 51820
      private_key_path = "own.key"
      [[network.default.peers]]
      name = "core"
      public_key = "%s"
      preshared_key_path = "psk"
      endpoint = "203.0.113.1:51820"
      allowed_ips = ["10.100.0.0/24", "10.42.0.0/16", "fd42:2::/48"]
      persistent_keepalive_secs = 25
      [[network.default.peers]]
      name = "laptop"
      public_key = "%s"
      allowed_ips = "10.100.0.3/32"
      """
          .formatted(CORE, LAPTOP);

  @TempDir private Path directory;

  private final FakePlatform platform = new FakePlatform();
  private final AtomicInteger openSockets = new AtomicInteger();
  private final WireGuardEngine engine =
      WireGuardEngine.start(
          new EnginePorts(
              platform.udp(),
              platform.monotonicClock(),
              platform.wallClock(),
              platform.entropy(),
              platform.memoryGuard()));
  private boolean socketsRefused;

  @BeforeEach
  void writeKeys() throws IOException {
    KeyFixtures.write(
        directory.resolve("own.key"), KeyFixtures.base64("test key own"), "rw-------");
    KeyFixtures.write(directory.resolve("psk"), KeyFixtures.base64("test psk"), "rw-------");
  }

  @AfterEach
  void closeEngine() {
    engine.close();
  }

  @Test
  void bringsANetworkUpStepByStep() throws Exception {
    TunnelService tunnels = service(NETWORK);

    tunnels.connectAll();

    assertThat(platform.done())
        .containsExactly(
            "tun wg0 mtu 1412",
            "mtu 1412 dev wg0",
            "address 10.100.0.2/24 dev wg0",
            "address fd42:1::2/64 dev wg0",
            "up wg0",
            // 10.100.0.0/24 is the subnet of the address: the kernel routes it.
            "route 10.42.0.0/16 dev wg0 table 254",
            "route fd42:2::/48 dev wg0 table 254",
            "route 10.100.0.3/32 dev wg0 table 254");
    assertThat(platform.openPorts()).containsExactly(51_820);
    assertThat(openSockets).hasValue(1);
    NetworkStatus status = tunnels.status("default").orElseThrow();
    assertThat(status.state()).isEqualTo(TunnelState.ACTIVE);
    assertThat(status.uptime()).isPresent();
    DeviceSnapshot device = status.device().orElseThrow();
    assertThat(device.up()).isTrue();
    assertThat(device.publicKey().orElseThrow().toBase64())
        .isEqualTo(KeyFixtures.publicKey("test key own"));
    PeerSnapshot core = device.peers().getFirst();
    assertThat(core.publicKey().toBase64()).isEqualTo(CORE);
    assertThat(core.hasPresharedKey()).isTrue();
    assertThat(core.endpoint().orElseThrow().toString()).isEqualTo("203.0.113.1:51820");
    assertThat(core.persistentKeepaliveSeconds()).isEqualTo(25);
    assertThat(core.allowedIps()).hasSize(3);
    assertThat(status.peerName(core.publicKey())).isEqualTo("core");
  }

  @Test
  void takesANetworkDownInReverse() throws Exception {
    TunnelService tunnels = service(NETWORK);
    tunnels.connectAll();
    int before = platform.done().size();

    NetworkStatus status = tunnels.disconnect("default");

    assertThat(status.state()).isEqualTo(TunnelState.STOPPED);
    assertThat(platform.done().subList(before, platform.done().size()))
        .as("addresses and routes go with the interface")
        .containsExactly("tun wg0 removed");
    assertNothingLeft();
  }

  @Test
  void comesUpAgainAfterItWasTakenDown() throws Exception {
    TunnelService tunnels = service(NETWORK);

    for (int i = 0; i < 3; i++) {
      assertThat(tunnels.connect("default").state()).isEqualTo(TunnelState.ACTIVE);
      tunnels.disconnect("default");
    }

    assertNothingLeft();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tun",
        "address 10.",
        "address fd42",
        "up",
        "route 10.42",
        "route fd42",
        "route 10.100"
      })
  void leavesNothingBehindWhicheverStepFails(String step) throws Exception {
    platform.refuse(step);
    TunnelService tunnels = service(NETWORK);

    assertThatThrownBy(tunnels::connectAll)
        .isInstanceOfSatisfying(
            TunnelException.class,
            refused -> assertThat(refused.reason()).isEqualTo(Reason.PLATFORM))
        .hasMessageStartingWith("network default: cannot " + step)
        .hasMessageContaining("script another test");

    assertThat(tunnels.status("default").orElseThrow().state()).isEqualTo(TunnelState.ERROR);
    assertThat(tunnels.status("default").orElseThrow().failure()).isPresent();
    assertNothingLeft();
  }

  @Test
  void refusesAnInterfaceNameThatIsTaken() throws Exception {
    platform.addForeignInterface("wg0");
    TunnelService tunnels = service(NETWORK);

    assertThatThrownBy(tunnels::connectAll)
        .hasMessageContaining("an interface of that name exists")
        .hasMessageContaining("ip link delete wg0");
    assertThat(platform.interfaceNames()).containsExactly("wg0");
    assertThat(platform.done()).isEmpty();
  }

  @Test
  void refusesAPortThatIsTaken() throws Exception {
    platform.takePort(51_820);

    assertThatThrownBy(service(NETWORK)::connectAll)
        .hasMessageContaining("UDP port 51820")
        .hasMessageContaining("EADDRINUSE");
    assertNothingLeft();
  }

  @Test
  void givesUpOnALinkThatStaysDown() throws Exception {
    platform.keepLinksDown();

    assertThatThrownBy(service(NETWORK)::connectAll).hasMessageContaining("did not come up");
    assertNothingLeft();
  }

  @Test
  void refusesAKeyFileThatBecameReadable() throws Exception {
    TunnelService tunnels = service(NETWORK);
    KeyFixtures.write(directory.resolve("psk"), KeyFixtures.base64("test psk"), "rw-r--r--");

    assertThatThrownBy(tunnels::connectAll)
        .isInstanceOfSatisfying(
            TunnelException.class, refused -> assertThat(refused.reason()).isEqualTo(Reason.CONFIG))
        .hasMessageContaining("mode 0644");
    assertNothingLeft();
  }

  @Test
  void comesUpAlthoughANameCannotBeResolved() throws Exception {
    TunnelService tunnels = service(NETWORK.replace("203.0.113.1", "no.such.example"));

    tunnels.connectAll();

    NetworkStatus status = tunnels.status("default").orElseThrow();
    assertThat(status.state()).isEqualTo(TunnelState.ACTIVE);
    assertThat(status.endpointProblems().values())
        .containsExactly(
            "cannot resolve no.such.example, the endpoint of peer core: check the name and the"
                + " system's DNS, or use an address; asked again until it works");
  }

  @Test
  void takesTheFirstEndpointThatResolvesAndHasARoute() throws Exception {
    TunnelService tunnels =
        service(
            NETWORK.replace(
                "\"203.0.113.1:51820\"",
                "[\"no.such.example:1\", \"198.51.100.1:2\", \"two.example:3\", \"192.0.2.1:4\"]"));

    tunnels.connectAll();

    assertThat(endpointOfCore(tunnels)).isEqualTo("[2001:db8::2]:3");
  }

  @Test
  void takesTheFirstAddressWhereNoneHasARoute() throws Exception {
    TunnelService tunnels =
        service(
            NETWORK.replace("\"203.0.113.1:51820\"", "[\"198.51.100.1:1\", \"198.51.100.2:2\"]"));

    tunnels.connectAll();

    assertThat(endpointOfCore(tunnels)).isEqualTo("198.51.100.1:1");
    assertThat(platform.done()).contains("tun wg0 mtu 1420");
  }

  @Test
  void makesAKeyWhereTheFileAsksForOne() throws Exception {
    TunnelService tunnels =
        service(NETWORK.replace("\"own.key\"", "\"new.key\"\nprivate_key_generate = true"));

    tunnels.connectAll();

    assertThat(directory.resolve("new.key")).exists();
  }

  @Test
  void worksWithoutTheSocketForWg() throws Exception {
    socketsRefused = true;
    TunnelService tunnels = service(NETWORK);

    tunnels.connectAll();

    assertThat(tunnels.status("default").orElseThrow().state()).isEqualTo(TunnelState.ACTIVE);
  }

  @Test
  void makesNoRoutesWhenTheyAreOff() throws Exception {
    TunnelService tunnels =
        service(NETWORK.replace("listen_port", "routes = \"off\"\nlisten_port"));

    tunnels.connectAll();

    assertThat(platform.installedRoutes()).isEmpty();
  }

  @Test
  void putsRoutesIntoTheTableOfTheFile() throws Exception {
    TunnelService tunnels = service(NETWORK.replace("listen_port", "table = 77\nlisten_port"));

    tunnels.connectAll();

    assertThat(platform.installedRoutes()).contains("10.100.0.0/24 dev wg0 table 77");
  }

  @Test
  void takesTheFirstNetworkDownWhenTheSecondFails() throws Exception {
    platform.addForeignInterface("wg1");
    TunnelService tunnels = service(NETWORK + second());

    assertThatThrownBy(tunnels::connectAll).hasMessageStartingWith("network second: ");
    platform.deleteInterface("wg1");

    assertThat(tunnels.status("default").orElseThrow().state()).isEqualTo(TunnelState.STOPPED);
    assertNothingLeft();
  }

  @Test
  void leavesADisabledNetworkToBeConnectedLater() throws Exception {
    TunnelService tunnels =
        service(second().replace("interface", "enable_wireguard = false\ninterface"));

    tunnels.connectAll();
    assertThat(tunnels.status("second").orElseThrow().state()).isEqualTo(TunnelState.UNINITIALIZED);
    tunnels.connect("second");

    assertThat(platform.interfaceNames()).containsExactly("wg1");
  }

  @Test
  void refusesWhatTheStateDoesNotAllow() throws Exception {
    TunnelService tunnels = service(NETWORK);

    assertThatThrownBy(() -> tunnels.disconnect("default"))
        .hasMessage("network default is uninitialized");
    tunnels.connectAll();
    assertThatThrownBy(() -> tunnels.connect("default")).hasMessage("network default is active");
    assertThatThrownBy(() -> tunnels.connect("other"))
        .isInstanceOfSatisfying(
            TunnelException.class,
            refused -> assertThat(refused.reason()).isEqualTo(Reason.NETWORK_NOT_FOUND))
        .hasMessage("other");
    assertThat(tunnels.status("other")).isEmpty();
  }

  @Test
  void noticesThatSomebodyDeletedTheInterface() throws Exception {
    TunnelService tunnels = service(NETWORK);
    tunnels.connectAll();

    platform.deleteInterface("wg0");

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> tunnels.status("default").orElseThrow().state() == TunnelState.ERROR);
    assertThat(tunnels.status("default").orElseThrow().failure().orElseThrow())
        .contains("interface wg0 was deleted by somebody else")
        .contains("connect the network again");
    assertNothingLeft();
    assertThat(tunnels.connect("default").state()).isEqualTo(TunnelState.ACTIVE);
  }

  private void assertNothingLeft() {
    assertThat(platform.interfaceNames()).isEmpty();
    assertThat(platform.installedRoutes()).isEmpty();
    assertThat(platform.openPorts()).isEmpty();
    assertThat(openSockets).hasValue(0);
    assertThat(engine.devices()).isEmpty();
    assertThat(engine.keys().keysInUse()).isZero();
  }

  private static String endpointOfCore(TunnelService tunnels) {
    return tunnels
        .status("default")
        .orElseThrow()
        .device()
        .orElseThrow()
        .peers()
        .getFirst()
        .endpoint()
        .orElseThrow()
        .toString();
  }

  private static String second() {
    return """
    [network.second]
    interface = "wg1"
    private_key_path = "own.key"
    """;
  }

  private TunnelService service(String text) throws IOException {
    return new TunnelService(
        networks(text),
        new TunnelPorts(
            platform,
            engine,
            _ -> openSocket(),
            TunnelServiceTest::resolve,
            new KeyReader(Map.of()),
            TunnelServiceTest::awaitSpinning,
            Thread::startVirtualThread,
            Thread::startVirtualThread,
            HostNetworks.of(platform, directory.resolve("state")),
            NetworkStore.NONE,
            new RotationPorts(
                new RotationStore(directory.resolve("state")),
                engine.keys(),
                platform.entropy(),
                platform.wallClock())));
  }

  private DeviceSockets.Open openSocket() throws PlatformException {
    if (socketsRefused) {
      throw new PlatformException("cannot make the socket", "EACCES", "be root");
    }
    openSockets.incrementAndGet();
    return openSockets::decrementAndGet;
  }

  private static List<InetAddress> resolve(String host) throws UnknownHostException {
    return switch (host) {
      case "no.such.example" -> throw new UnknownHostException(host);
      case "two.example" ->
          List.of(InetAddress.getByName("198.51.100.7"), InetAddress.getByName("2001:db8::2"));
      default -> List.of(InetAddress.getByName(host));
    };
  }

  /** The conductor needs a moment; a link that stays down needs no patience in a test. */
  private static boolean awaitSpinning(BooleanSupplier condition, Duration atMost) {
    long deadlineNs = System.nanoTime() + Duration.ofSeconds(2).toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() - deadlineNs < 0) {
      Thread.onSpinWait();
    }
    return condition.getAsBoolean();
  }

  private List<NetworkConfig> networks(String text) throws IOException {
    Path file = directory.resolve("config.toml");
    Files.writeString(file, text);
    return switch (new ConfigLoader(Map.of()).load(file)) {
      case ConfigResult.Loaded loaded -> loaded.config().networks();
      case ConfigResult.Rejected rejected -> throw new AssertionError(rejected.problems());
    };
  }
}
