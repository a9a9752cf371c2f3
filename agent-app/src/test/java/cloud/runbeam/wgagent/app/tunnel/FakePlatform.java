package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.engine.io.MemoryGuard;
import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.engine.io.WallClock;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.Accounts;
import cloud.runbeam.wgagent.platform.api.HostFacts;
import cloud.runbeam.wgagent.platform.api.InterfaceSetup;
import cloud.runbeam.wgagent.platform.api.KillSwitch;
import cloud.runbeam.wgagent.platform.api.PeerCredentials;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import cloud.runbeam.wgagent.platform.api.PlatformProbe;
import cloud.runbeam.wgagent.platform.api.Privileges;
import cloud.runbeam.wgagent.platform.api.RouteTable;
import cloud.runbeam.wgagent.platform.api.SocketAccess;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A machine in memory: it remembers what was done to it, and refuses what the test tells it to. */
public final class FakePlatform implements PlatformPlugin {
  private final Map<String, FakeTun> interfaces = new ConcurrentHashMap<>();
  private final Set<String> routes = ConcurrentHashMap.newKeySet();
  private final Set<Integer> takenPorts = ConcurrentHashMap.newKeySet();
  private final List<String> done = new CopyOnWriteArrayList<>();
  private final FakeUdp udp = new FakeUdp(takenPorts);
  private volatile PlatformProbe probe = PlatformProbe.ready();
  private volatile @Nullable String refused;
  private volatile boolean linksStayDown;
  private volatile @Nullable PlatformPlugin callers;
  private volatile MonotonicClock clock = System::nanoTime;
  private final Set<String> unreachable = ConcurrentHashMap.newKeySet();
  private volatile int pathMtuBytes = 1_500;
  private final Map<String, CountDownLatch> slow = new ConcurrentHashMap<>();
  private final Set<String> guarded = ConcurrentHashMap.newKeySet();
  private volatile String gateway = "192.0.2.254";

  /**
   * From now on whatever begins with {@code what} fails: {@code tun}, {@code address 10.}, {@code
   * route}, {@code up}.
   */
  public void refuse(String what) {
    refused = what;
  }

  /** Says what is missing here. */
  public void setProbe(PlatformProbe newProbe) {
    probe = newProbe;
  }

  /** Somebody else has the UDP port. */
  public void takePort(int port) {
    takenPorts.add(port);
  }

  /** Somebody gives the UDP port back. */
  public void freePort(int port) {
    takenPorts.remove(port);
  }

  /** From now on whatever begins with {@code what} takes until the latch is open. */
  public void slow(String what, CountDownLatch until) {
    slow.put(what, until);
  }

  /** Nothing is refused any more. */
  public void allow() {
    refused = null;
  }

  /** From now on time is what this clock says. */
  public void useClock(MonotonicClock newClock) {
    clock = newClock;
  }

  /**
   * From now on there is no route to endpoints that begin with {@code prefix}, or there is again.
   */
  public void setReachable(String prefix, boolean reachable) {
    if (reachable) {
      unreachable.remove(prefix);
    } else {
      unreachable.add(prefix);
    }
  }

  /** What routes carry from now on, other than to 203.0.113.0/24. */
  public void setPathMtu(int bytes) {
    pathMtuBytes = bytes;
  }

  /** All packets take another way from now on. */
  public void setGateway(String address) {
    gateway = address;
  }

  /** How many datagrams left for {@code endpoint}. */
  public int sentTo(String endpoint) {
    return udp.sentTo(endpoint);
  }

  /** Somebody else has an interface of this name. */
  public void addForeignInterface(String name) {
    interfaces.put(name, new FakeTun(name, 1_500, () -> {}));
  }

  /** Setting links up has no effect. */
  public void keepLinksDown() {
    linksStayDown = true;
  }

  /** Somebody deletes an interface. */
  public void deleteInterface(String name) {
    FakeTun tun = interfaces.remove(name);
    routes.removeIf(route -> route.contains(" dev " + name + " "));
    if (tun != null) {
      tun.deleteFromOutside();
    }
  }

  /** Names of the interfaces there are. */
  public Set<String> interfaceNames() {
    return Set.copyOf(interfaces.keySet());
  }

  /** Routes there are: {@code 10.0.0.0/8 dev wg0 table 254}. */
  public Set<String> installedRoutes() {
    return Set.copyOf(routes);
  }

  /** Everything that was changed, in order. */
  public List<String> done() {
    return List.copyOf(done);
  }

  /** Ports that are open. */
  public Set<Integer> openPorts() {
    return udp.openPorts();
  }

  /** Interfaces that the kill switch lets out through; empty where none stands. */
  public Set<String> guarded() {
    return Set.copyOf(guarded);
  }

  /** Whether nothing of the agent is left. */
  public boolean isUntouched() {
    return interfaces.isEmpty() && routes.isEmpty() && udp.openPorts().isEmpty();
  }

  private void doIt(String what) throws PlatformException {
    for (Map.Entry<String, CountDownLatch> delay : slow.entrySet()) {
      if (what.startsWith(delay.getKey())) {
        try {
          delay.getValue().await();
        } catch (InterruptedException _) {
          Thread.currentThread().interrupt();
        }
      }
    }
    String stop = refused;
    if (stop != null && what.startsWith(stop)) {
      throw new PlatformException("cannot " + what, "EPERM (scripted)", "script another test");
    }
    done.add(what);
  }

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public PlatformProbe probe() {
    return probe;
  }

  @Override
  public TunDevice createTun(String name, int mtuBytes) throws PlatformException {
    doIt("tun " + name + " mtu " + mtuBytes);
    FakeTun tun =
        new FakeTun(
            name,
            mtuBytes,
            () -> {
              interfaces.remove(name);
              routes.removeIf(route -> route.contains(" dev " + name + " "));
              done.add("tun " + name + " removed");
            });
    interfaces.put(name, tun);
    return tun;
  }

  @Override
  public UdpTransport.Provider udp() {
    return udp;
  }

  @Override
  public MonotonicClock monotonicClock() {
    return () -> clock.nowNs();
  }

  @Override
  public HostFacts facts() {
    return new Facts();
  }

  @Override
  public KillSwitch killSwitch() {
    return new Fence();
  }

  @Override
  public WallClock wallClock() {
    return Instant::now;
  }

  @Override
  public EntropySource entropy() {
    SecureRandom random = new SecureRandom();
    return new EntropySource() {
      @Override
      public void fill(MemorySegment target) {
        byte[] bytes = new byte[(int) target.byteSize()];
        random.nextBytes(bytes);
        MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, 0, bytes.length);
      }

      @Override
      public int nextInt() {
        return random.nextInt();
      }
    };
  }

  @Override
  public MemoryGuard memoryGuard() {
    return new MemoryGuard() {
      @Override
      public Optional<String> protect(MemorySegment memory) {
        return Optional.empty();
      }

      @Override
      public void release(MemorySegment memory) {}
    };
  }

  @Override
  public InterfaceSetup interfaces() {
    return new Interfaces();
  }

  @Override
  public RouteTable routes() {
    return new Routes();
  }

  @Override
  public Privileges privileges() {
    return new Privileges() {
      @Override
      public boolean canAdministerNetwork() {
        return true;
      }

      @Override
      public String currentUser() {
        return "0";
      }
    };
  }

  /** From now on users, groups and callers are those of a real machine. */
  public void takeCallersFrom(PlatformPlugin real) {
    callers = real;
  }

  @Override
  public Accounts accounts() {
    return callers == null ? Accounts.NONE : callers.accounts();
  }

  @Override
  public PeerCredentials peerCredentials() {
    return callers == null ? PeerCredentials.NONE : callers.peerCredentials();
  }

  @Override
  public SocketAccess socketAccess() {
    return callers == null ? SocketAccess.NONE : callers.socketAccess();
  }

  private final class Interfaces implements InterfaceSetup {
    @Override
    public boolean exists(String interfaceName) {
      return interfaces.containsKey(interfaceName);
    }

    @Override
    public void addAddress(String interfaceName, IpPrefix address) throws PlatformException {
      doIt("address " + address + " dev " + interfaceName);
    }

    @Override
    public void removeAddress(String interfaceName, IpPrefix address) throws PlatformException {
      doIt("address " + address + " dev " + interfaceName + " removed");
    }

    @Override
    public List<IpPrefix> addresses(String interfaceName) {
      return new ArrayList<>();
    }

    @Override
    public void setMtu(String interfaceName, int mtuBytes) throws PlatformException {
      doIt("mtu " + mtuBytes + " dev " + interfaceName);
    }

    @Override
    public void setUp(String interfaceName, boolean up) throws PlatformException {
      doIt((up ? "up " : "down ") + interfaceName);
      FakeTun tun = interfaces.get(interfaceName);
      if (tun != null && !linksStayDown) {
        tun.setUp(up);
      }
    }
  }

  private final class Routes implements RouteTable {
    @Override
    public void add(String interfaceName, IpPrefix prefix, int table) throws PlatformException {
      String route = prefix + " dev " + interfaceName + " table " + table;
      doIt("route " + route);
      routes.add(route);
    }

    @Override
    public void remove(String interfaceName, IpPrefix prefix, int table) {
      String route = prefix + " dev " + interfaceName + " table " + table;
      done.add("route " + route + " removed");
      routes.remove(route);
    }

    @Override
    public OptionalInt pathMtu(Endpoint endpoint) {
      // 198.51.100.0/24 has no route; 203.0.113.0/24 is a PPPoE link; everything else is Ethernet.
      String text = endpoint.toString();
      if (text.startsWith("198.51.100.") || unreachable.stream().anyMatch(text::startsWith)) {
        return OptionalInt.empty();
      }
      return OptionalInt.of(text.startsWith("203.0.113.") ? 1_492 : pathMtuBytes);
    }
  }

  private final class Fence implements KillSwitch {
    @Override
    public void enforce(String name, List<Tunnel> tunnels) throws PlatformException {
      doIt("kill switch around " + tunnels.getFirst().interfaceName());
      guarded.clear();
      tunnels.forEach(tunnel -> guarded.add(tunnel.interfaceName()));
    }

    @Override
    public void lift(String name) {
      guarded.clear();
    }

    @Override
    public boolean stands(String name) {
      return !guarded.isEmpty();
    }

    @Override
    public Optional<String> leak(String name, List<Tunnel> tunnels) {
      return Optional.empty();
    }
  }

  private final class Facts implements HostFacts {
    @Override
    public RouteFact route(IpPrefix address, int fwmark) {
      return new RouteFact(
          Verdict.UNICAST,
          Optional.of("eth0"),
          OptionalInt.of(254),
          Optional.empty(),
          Optional.of(gateway),
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty());
    }

    @Override
    public Optional<LinkFact> link(String interfaceName) {
      return Optional.empty();
    }

    @Override
    public FirewallFact firewall() {
      return FirewallFact.unknown("there is none");
    }

    @Override
    public List<String> nameServers() {
      return List.of();
    }
  }
}
