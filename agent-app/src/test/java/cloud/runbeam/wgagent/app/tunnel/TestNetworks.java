package cloud.runbeam.wgagent.app.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.config.ConfigLoader;
import cloud.runbeam.wgagent.app.config.ConfigResult;
import cloud.runbeam.wgagent.app.config.KeyFixtures;
import cloud.runbeam.wgagent.app.config.KeyReader;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.NetworkToml;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.app.host.HostNetworks;
import cloud.runbeam.wgagent.app.rotation.RotationPorts;
import cloud.runbeam.wgagent.app.rotation.RotationStore;
import cloud.runbeam.wgagent.app.state.NetworkFiles;
import cloud.runbeam.wgagent.engine.EnginePorts;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** Networks on a machine in memory, with a real engine. */
final class TestNetworks implements AutoCloseable {
  final FakePlatform platform = new FakePlatform();
  final WireGuardEngine engine =
      WireGuardEngine.start(
          new EnginePorts(
              platform.udp(),
              platform.monotonicClock(),
              platform.wallClock(),
              platform.entropy(),
              platform.memoryGuard()));

  private final Path directory;
  private final Map<String, List<InetAddress>> names = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> hanging = new ConcurrentHashMap<>();
  private final HostNetworks host;
  final NetworkFiles files;

  TestNetworks(Path directory) throws IOException {
    this.directory = directory;
    this.host = HostNetworks.of(platform, stateDir());
    this.files = files();
    key("own.key", "test key own");
    key("psk", "test psk");
  }

  NetworkFiles files() {
    return new NetworkFiles(
        stateDir(), network -> NetworkToml.write(network, "test"), new ConfigLoader(Map.of()));
  }

  Path stateDir() {
    return directory.resolve("state");
  }

  Path configFile() {
    return directory.resolve("config.toml");
  }

  /** Writes the key that belongs to {@code label} to a file. */
  void key(String file, String label) throws IOException {
    KeyFixtures.write(directory.resolve(file), KeyFixtures.base64(label), "rw-------");
  }

  /** From now on the name has these addresses; none: it cannot be resolved. */
  void resolve(String host, String... addresses) {
    names.put(
        host, Arrays.stream(addresses).map(InetAddress::ofLiteral).collect(Collectors.toList()));
  }

  /** From now on nobody answers for the name until {@link #answer}. */
  void hang(String host) {
    hanging.put(host, new CountDownLatch(1));
  }

  /** The name has these addresses, for those too who ask already. */
  void answer(String host, String... addresses) {
    resolve(host, addresses);
    CountDownLatch silence = hanging.remove(host);
    if (silence != null) {
      silence.countDown();
    }
  }

  private List<InetAddress> lookUp(String host) throws UnknownHostException {
    CountDownLatch silence = hanging.get(host);
    if (silence != null) {
      awaitUninterruptibly(silence);
    }
    List<InetAddress> known = names.get(host);
    if (known == null && host.endsWith(".example")) {
      throw new UnknownHostException(host);
    }
    if (known != null && known.isEmpty()) {
      throw new UnknownHostException(host);
    }
    return known == null ? List.of(InetAddress.ofLiteral(host)) : known;
  }

  TunnelPorts ports() {
    return new TunnelPorts(
        platform,
        engine,
        _ -> () -> {},
        this::lookUp,
        new KeyReader(Map.of()),
        TestNetworks::awaitYielding,
        Thread::startVirtualThread,
        Thread::startVirtualThread,
        host,
        files,
        new RotationPorts(
            new RotationStore(directory.resolve("state")),
            engine.keys(),
            platform.entropy(),
            platform.wallClock()));
  }

  TunnelService service(String text) throws IOException {
    return new TunnelService(networks(text), files.load(), ports());
  }

  /** The networks of a file with this text. */
  List<NetworkConfig> networks(String text) throws IOException {
    Files.writeString(configFile(), text);
    return switch (new ConfigLoader(Map.of()).load(configFile())) {
      case ConfigResult.Loaded loaded -> loaded.config().networks();
      case ConfigResult.Rejected rejected -> throw new AssertionError(rejected.problems());
    };
  }

  NetworkConfig network(String text) throws IOException {
    return networks(text).getFirst();
  }

  PeerConfig peer(String text, String name) throws IOException {
    return network(text).peers().stream()
        .filter(peer -> peer.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  static DeviceSnapshot device(TunnelService tunnels, String network) {
    return tunnels.status(network).orElseThrow().device().orElseThrow();
  }

  /** The peer of that name as the engine sees it. */
  static PeerSnapshot peer(TunnelService tunnels, String network, String name) {
    NetworkStatus status = tunnels.status(network).orElseThrow();
    return status.device().orElseThrow().peers().stream()
        .filter(peer -> status.peerName(peer.publicKey()).equals(name))
        .findFirst()
        .orElseThrow();
  }

  void assertNothingLeft() {
    assertThat(platform.interfaceNames()).isEmpty();
    assertThat(platform.installedRoutes()).isEmpty();
    assertThat(platform.openPorts()).isEmpty();
    assertThat(engine.devices()).isEmpty();
    assertThat(engine.keys().keysInUse()).isZero();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** The engine's threads need a moment; what does not come needs no patience in a test. */
  private static boolean awaitYielding(BooleanSupplier condition, Duration atMost) {
    long deadlineNs = System.nanoTime() + atMost.toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() - deadlineNs < 0) {
      LockSupport.parkNanos(50_000);
    }
    return condition.getAsBoolean();
  }

  @Override
  public void close() {
    engine.close();
  }
}
