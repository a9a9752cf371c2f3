package cloud.runbeam.wgagent.app.demo;

import cloud.runbeam.wgagent.app.device.BareDevice;
import cloud.runbeam.wgagent.app.device.Stopping;
import cloud.runbeam.wgagent.app.uapi.UapiListener;
import cloud.runbeam.wgagent.engine.CloseReason;
import cloud.runbeam.wgagent.engine.DeviceChange;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.engine.EnginePorts;
import cloud.runbeam.wgagent.engine.PeerChange;
import cloud.runbeam.wgagent.engine.WireGuardDevice;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.TimestampStore;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import cloud.runbeam.wgagent.engine.uapi.UapiSession;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The tunnel of the demonstration: two engines in one process that know nothing of each other but
 * public key and UDP endpoint.
 *
 * <pre>
 *   programs -> wg-demoN -> near device ))) UDP over 127.0.0.1 ((( far device <- MemoryHost: echo
 *               (or a MemoryHost)
 * </pre>
 *
 * <p>One thread opens it; any thread may look and close.
 */
final class DemoTunnel implements Stopping.Resource {
  private static final int LOOPBACK = 127 << 24 | 1;
  private static final int KEEPALIVE_SECONDS = 25;
  private static final long SOCKET_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);
  private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(5);

  private final String name;
  private final List<DemoAddresses> addresses;
  private final List<String> remarks;
  private final MemoryHost farHost;
  private final Optional<MemoryHost> nearHost;
  private final WireGuardEngine nearEngine;
  private final WireGuardEngine farEngine;
  private final WireGuardDevice near;
  private final WireGuardDevice far;
  private final Optional<UapiListener> uapi;

  /** Says what the system looks like to the one who opens: an interface of its own, or memory. */
  private record Stage(
      String name,
      TunDevice tun,
      List<DemoAddresses> addresses,
      Optional<MemoryHost> nearHost,
      List<String> remarks) {}

  private DemoTunnel(PlatformPlugin platform, Stage stage)
      throws PlatformException, DeviceException {
    this.name = stage.name();
    this.addresses = stage.addresses();
    this.remarks = new ArrayList<>(stage.remarks());
    this.nearHost = stage.nearHost();
    this.farHost =
        new MemoryHost(
            name + "-peer",
            BareDevice.DEFAULT_MTU_BYTES,
            addresses.stream().map(DemoAddresses::farAddress).toList());
    EnginePorts ports = BareDevice.ports(platform, TimestampStore.NONE);
    this.nearEngine = WireGuardEngine.start(ports);
    this.farEngine = WireGuardEngine.start(ports);
    this.near = nearEngine.open(stage.tun());
    this.far = farEngine.open(farHost.tun());
    try {
      introduce(platform);
      this.uapi = nearHost.isPresent() ? Optional.empty() : listen();
    } catch (PlatformException | DeviceException e) {
      closeEngines();
      throw e;
    }
  }

  /**
   * Brings the tunnel up.
   *
   * @param inMemory use no interface of the operating system even where that is possible
   */
  static DemoTunnel open(PlatformPlugin platform, boolean inMemory)
      throws PlatformException, DeviceException {
    if (inMemory) {
      return new DemoTunnel(platform, memoryStage("as asked"));
    }
    if (!platform.privileges().canAdministerNetwork()) {
      return new DemoTunnel(
          platform,
          memoryStage(
              "user "
                  + platform.privileges().currentUser()
                  + " may not create network interfaces (run as root for a real one)"));
    }
    TunDevice tun;
    int number;
    try {
      number = freeNumber(platform);
      tun = platform.createTun("wg-demo" + number, BareDevice.DEFAULT_MTU_BYTES);
    } catch (PlatformException e) {
      return new DemoTunnel(platform, memoryStage(String.valueOf(e.getMessage())));
    }
    try {
      return new DemoTunnel(platform, systemStage(platform, tun, number));
    } catch (PlatformException | DeviceException e) {
      tun.close();
      throw e;
    }
  }

  private static int freeNumber(PlatformPlugin platform) throws PlatformException {
    for (int number = 0; number < DemoAddresses.MAX_NUMBER; number++) {
      String name = "wg-demo" + number;
      if (!platform.interfaces().exists(name)
          && !UapiListener.isAnswered(UapiListener.DIRECTORY, name)) {
        return number;
      }
    }
    throw new PlatformException(
        "cannot create a demo interface",
        "wg-demo0 to wg-demo" + (DemoAddresses.MAX_NUMBER - 1) + " exist already",
        "stop some of the demos that run");
  }

  private static Stage memoryStage(String reason) {
    List<DemoAddresses> addresses = List.of(DemoAddresses.ipv4(0), DemoAddresses.ipv6(0));
    MemoryHost host =
        new MemoryHost(
            "wg-demo0",
            BareDevice.DEFAULT_MTU_BYTES,
            addresses.stream().map(DemoAddresses::nearAddress).toList());
    return new Stage(
        "wg-demo0",
        host.tun(),
        addresses,
        Optional.of(host),
        List.of("in memory, without a network interface: " + reason));
  }

  private static Stage systemStage(PlatformPlugin platform, TunDevice tun, int number)
      throws PlatformException {
    List<DemoAddresses> addresses = new ArrayList<>();
    List<String> remarks = new ArrayList<>();
    DemoAddresses ipv4 = DemoAddresses.ipv4(number);
    platform.interfaces().addAddress(tun.name(), ipv4.near());
    addresses.add(ipv4);
    DemoAddresses ipv6 = DemoAddresses.ipv6(number);
    try {
      platform.interfaces().addAddress(tun.name(), ipv6.near());
      addresses.add(ipv6);
    } catch (PlatformException e) {
      remarks.add("IPv4 only: " + e.action());
    }
    platform.interfaces().setUp(tun.name(), true);
    return new Stage(tun.name(), tun, addresses, Optional.empty(), remarks);
  }

  /**
   * Gives both ends a fresh key and tells each about the other; only the near end knows where to
   * send.
   */
  private void introduce(PlatformPlugin platform) throws DeviceException, PlatformException {
    SecretKey nearKey = freshKey(platform, nearEngine);
    SecretKey farKey = freshKey(platform, farEngine);
    PublicKey nearPublic = nearKey.publicKey();
    PublicKey farPublic = farKey.publicKey();
    List<IpPrefix> nearHosts = addresses.stream().map(DemoAddresses::nearHost).toList();
    List<IpPrefix> farHosts = addresses.stream().map(DemoAddresses::far).toList();
    far.apply(change(farKey, peer(nearPublic, Optional.empty(), nearHosts)));
    Endpoint farEndpoint = Endpoint.ipv4(LOOPBACK, awaitPort(far));
    near.apply(change(nearKey, peer(farPublic, Optional.of(farEndpoint), farHosts)));
    awaitPort(near);
  }

  private static SecretKey freshKey(PlatformPlugin platform, WireGuardEngine engine) {
    SecretKey key = engine.keys().allocate();
    platform.entropy().fill(key.bytes());
    key.clamp();
    return key;
  }

  private static PeerChange peer(
      PublicKey key, Optional<Endpoint> endpoint, List<IpPrefix> allowedIps) {
    return new PeerChange(
        key,
        false,
        false,
        Optional.empty(),
        endpoint,
        endpoint.map(known -> KEEPALIVE_SECONDS),
        true,
        allowedIps,
        List.of());
  }

  private static DeviceChange change(SecretKey key, PeerChange peer) {
    return new DeviceChange(
        Optional.of(key), Optional.of(0), Optional.empty(), true, List.of(peer));
  }

  /**
   * The port of a device whose link was set up a moment ago: the engine hears of that on another
   * thread.
   */
  private static int awaitPort(WireGuardDevice device) throws PlatformException {
    long startNs = System.nanoTime();
    DeviceSnapshot snapshot = device.snapshot();
    while (!snapshot.up() || snapshot.listenPort() == 0) {
      if (System.nanoTime() - startNs > SOCKET_TIMEOUT_NS) {
        throw new PlatformException(
            "cannot open the UDP socket of " + device.interfaceName(),
            "it did not open within 5 s of the link coming up",
            "see whether this host allows UDP sockets, then report this");
      }
      LockSupport.parkNanos(POLL_NS);
      snapshot = device.snapshot();
    }
    return snapshot.listenPort();
  }

  private Optional<UapiListener> listen() {
    try {
      return Optional.of(
          UapiListener.open(
              UapiListener.DIRECTORY,
              name,
              (in, out) -> new UapiSession(near, System.err::println).serve(in, out)));
    } catch (PlatformException e) {
      remarks.add("not visible to wg: " + e.getMessage());
      return Optional.empty();
    }
  }

  /** The interface's name. */
  String name() {
    return name;
  }

  /** The pairs of addresses in use, IPv4 first. */
  List<DemoAddresses> addresses() {
    return addresses;
  }

  /** What a user should know about how the tunnel came to be. */
  List<String> remarks() {
    return List.copyOf(remarks);
  }

  /** Whether there is an interface that other programs can use. */
  boolean hasInterface() {
    return nearHost.isEmpty();
  }

  /** Whether {@code wg show} finds the device. */
  boolean hasUapi() {
    return uapi.isPresent();
  }

  /** Asks the far host from this side. */
  EchoProbe probe() {
    return nearHost.<EchoProbe>map(host -> host).orElseGet(() -> new SystemProbe(farHost));
  }

  /** The embedded peer as this side sees it; empty when somebody removed it. */
  Optional<PeerSnapshot> farPeer() {
    return near.snapshot().peers().stream().findFirst();
  }

  /** This side as the embedded peer sees it. */
  Optional<PeerSnapshot> nearPeer() {
    return far.snapshot().peers().stream().findFirst();
  }

  /** This side as it is now. */
  DeviceSnapshot nearSnapshot() {
    return near.snapshot();
  }

  /** The embedded peer as it is now. */
  DeviceSnapshot farSnapshot() {
    return far.snapshot();
  }

  /** Completes when this side has ended, by {@link #close} or from outside. */
  CompletableFuture<CloseReason> ended() {
    return near.closed();
  }

  /** Removes the interface and the socket and wipes the keys. Idempotent. */
  @Override
  public void close() {
    uapi.ifPresent(UapiListener::close);
    closeEngines();
  }

  private void closeEngines() {
    nearEngine.close();
    farEngine.close();
  }
}
