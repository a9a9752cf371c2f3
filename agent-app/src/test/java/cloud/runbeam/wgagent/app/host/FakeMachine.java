package cloud.runbeam.wgagent.app.host;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.engine.io.MemoryGuard;
import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.engine.io.WallClock;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.DnsBackend;
import cloud.runbeam.wgagent.platform.api.DnsRequest;
import cloud.runbeam.wgagent.platform.api.DnsSettings;
import cloud.runbeam.wgagent.platform.api.DnsUndo;
import cloud.runbeam.wgagent.platform.api.InterfaceSetup;
import cloud.runbeam.wgagent.platform.api.KillSwitch;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import cloud.runbeam.wgagent.platform.api.PlatformProbe;
import cloud.runbeam.wgagent.platform.api.PolicyRouting;
import cloud.runbeam.wgagent.platform.api.Privileges;
import cloud.runbeam.wgagent.platform.api.RouteTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A machine in memory. Every change and every write to disk is one step; a step can be refused, and
 * the process can die before it or after it.
 */
final class FakeMachine implements PlatformPlugin {
  /** The process is gone: nothing catches this, and nothing of the process runs after it. */
  static final class Death extends Error {
    private static final long serialVersionUID = 1L;

    Death() {
      super("killed by the test", null, false, false);
    }
  }

  private final Map<String, Integer> interfaces = new TreeMap<>();
  private final Set<String> settings = new TreeSet<>();
  private final Set<PolicyRouting.Rule> rules = new java.util.LinkedHashSet<>();
  private final List<String> done = new ArrayList<>();
  private @Nullable String refused;
  private boolean sourcesByMark;
  private boolean withoutIpv6;
  private int nextIndex = 7;
  private int stepsToLive = Integer.MAX_VALUE;
  private boolean diesAfterStep;

  /** Refuses whatever begins with {@code what}; empty: nothing any more. */
  void refuse(@Nullable String what) {
    refused = what;
  }

  /** Dies at the step of that number, counted from now, before or after its effect. */
  void dieAt(int step, boolean afterIt) {
    stepsToLive = step;
    diesAfterStep = afterIt;
  }

  /** The next process lives as long as it wants. */
  void live() {
    stepsToLive = Integer.MAX_VALUE;
  }

  /** No interface but the tunnel has IPv6. */
  void loseIpv6() {
    withoutIpv6 = true;
  }

  void createInterface(String name) {
    interfaces.put(name, nextIndex++);
  }

  /** Takes what belongs to it along, as the kernel does. */
  void removeInterface(String name) {
    interfaces.remove(name);
    settings.removeIf(setting -> setting.contains(" dev " + name));
  }

  /** Somebody else changes something. */
  void addRuleOfOthers(PolicyRouting.Rule rule) {
    rules.add(rule);
  }

  void removeRuleOfOthers(PolicyRouting.Rule rule) {
    rules.remove(rule);
  }

  void setSourcesByMark(boolean on) {
    sourcesByMark = on;
  }

  void addSetting(String setting) {
    settings.add(setting);
  }

  void removeSetting(String setting) {
    settings.removeIf(each -> each.startsWith(setting));
  }

  /** Everything that can be seen from outside, in text. */
  List<String> state() {
    List<String> state = new ArrayList<>(settings);
    interfaces.forEach((name, index) -> state.add("interface " + name));
    rules.forEach(rule -> state.add(rule.toString()));
    state.add("src_valid_mark " + sourcesByMark);
    return state;
  }

  /** What was done since the last call, in order. */
  List<String> takeDone() {
    List<String> all = List.copyOf(done);
    done.clear();
    return all;
  }

  /** A step: may be refused, may be the last. */
  void step(String what, Effect effect) throws PlatformException {
    if (--stepsToLive < 0 || (stepsToLive == 0 && !diesAfterStep)) {
      throw new Death();
    }
    if (refused != null && what.startsWith(refused)) {
      throw new PlatformException("cannot " + what, "refused (scripted)", "script another test");
    }
    effect.happen();
    done.add(what);
    if (stepsToLive == 0) {
      throw new Death();
    }
  }

  private void set(String what, String slot, String setting) throws PlatformException {
    step(
        what,
        () -> {
          settings.removeIf(each -> each.startsWith(slot));
          settings.add(setting);
        });
  }

  /** What a step does to the machine. */
  @FunctionalInterface
  interface Effect {
    void happen();
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
  public PolicyRouting policyRouting() {
    return new Rules();
  }

  @Override
  public KillSwitch killSwitch() {
    return new Switch();
  }

  @Override
  public DnsSettings dns() {
    return new Names();
  }

  @Override
  public String networkEpoch() {
    return "boot-1/net-1";
  }

  private final class Interfaces implements InterfaceSetup {
    @Override
    public boolean exists(String interfaceName) {
      return interfaces.containsKey(interfaceName);
    }

    @Override
    public OptionalInt index(String interfaceName) {
      Integer index = interfaces.get(interfaceName);
      return index == null ? OptionalInt.empty() : OptionalInt.of(index);
    }

    @Override
    public void addAddress(String interfaceName, IpPrefix address) throws PlatformException {
      String setting = "address " + address + " dev " + interfaceName;
      step("add " + setting, () -> settings.add(setting));
    }

    @Override
    public void removeAddress(String interfaceName, IpPrefix address) throws PlatformException {
      String setting = "address " + address + " dev " + interfaceName;
      step(
          "remove " + setting,
          () -> {
            settings.remove(setting);
            // The kernel takes the routes along with the last IPv4 address.
            if (settings.stream().noneMatch(each -> each.startsWith("address "))) {
              settings.removeIf(each -> each.startsWith("route "));
            }
          });
    }

    @Override
    public List<IpPrefix> addresses(String interfaceName) {
      return List.of();
    }

    @Override
    public void setMtu(String interfaceName, int mtuBytes) throws PlatformException {
      set("mtu " + mtuBytes, "mtu", "mtu " + mtuBytes + " dev " + interfaceName);
    }

    @Override
    public void setUp(String interfaceName, boolean up) throws PlatformException {
      set("link " + up, "link", "link " + up + " dev " + interfaceName);
    }
  }

  private final class Routes implements RouteTable {
    @Override
    public void add(String interfaceName, IpPrefix prefix, int table) throws PlatformException {
      String setting = "route " + prefix + " dev " + interfaceName + " table " + table;
      step("add " + setting, () -> settings.add(setting));
    }

    @Override
    public void remove(String interfaceName, IpPrefix prefix, int table) throws PlatformException {
      String setting = "route " + prefix + " dev " + interfaceName + " table " + table;
      step("remove " + setting, () -> settings.remove(setting));
    }

    @Override
    public OptionalInt pathMtu(Endpoint endpoint) {
      return OptionalInt.empty();
    }
  }

  private final class Rules implements PolicyRouting {
    @Override
    public List<Rule> rules() {
      return List.copyOf(rules);
    }

    @Override
    public void addRule(Rule rule) throws PlatformException {
      step("add " + rule, () -> rules.add(rule));
    }

    @Override
    public void removeRule(Rule rule) throws PlatformException {
      step("remove " + rule, () -> rules.remove(rule));
    }

    @Override
    public boolean hasRoutes(int table) {
      return settings.stream().anyMatch(setting -> setting.endsWith("table " + table));
    }

    @Override
    public boolean isInUse(boolean ipv6, String exceptInterface) {
      return !ipv6 || !withoutIpv6;
    }

    @Override
    public boolean checksSourcesByMark() {
      return sourcesByMark;
    }

    @Override
    public void setChecksSourcesByMark(boolean on) throws PlatformException {
      step("src_valid_mark " + on, () -> sourcesByMark = on);
    }

    @Override
    public void guardReplies(String interfaceName, int mark, List<IpPrefix> addresses)
        throws PlatformException {
      String setting = "replies " + interfaceName;
      set("guard " + setting, setting, setting + " mark " + mark + " " + addresses);
    }

    @Override
    public void unguardReplies(String interfaceName) throws PlatformException {
      String setting = "replies " + interfaceName;
      step("unguard " + setting, () -> settings.removeIf(each -> each.startsWith(setting)));
    }
  }

  private final class Switch implements KillSwitch {
    @Override
    public void enforce(String name, List<Tunnel> tunnels) throws PlatformException {
      set("enforce " + tunnels, name, name + " " + tunnels);
    }

    @Override
    public void lift(String name) throws PlatformException {
      step("lift", () -> settings.removeIf(setting -> setting.startsWith(name)));
    }

    @Override
    public boolean stands(String name) {
      return settings.stream().anyMatch(setting -> setting.startsWith(name));
    }

    @Override
    public Optional<String> leak(String name, List<Tunnel> tunnels) {
      return settings.contains(name + " " + tunnels) ? Optional.empty() : Optional.of("it is gone");
    }
  }

  private final class Names implements DnsSettings {
    @Override
    public DnsBackend backend() {
      return new DnsBackend("file", false, List.of());
    }

    @Override
    public String prepare(DnsRequest request) {
      return "file interface=" + request.interfaceName() + " before=192.0.2.53";
    }

    @Override
    public List<String> apply(DnsRequest request, String undo) throws PlatformException {
      set("dns " + request.servers(), "dns", "dns " + request.servers() + " " + undo);
      return List.of("split DNS is not possible with a file");
    }

    @Override
    public DnsUndo revert(String undo) throws PlatformException {
      boolean ours = settings.stream().anyMatch(setting -> setting.endsWith(undo));
      step("dns back", () -> settings.removeIf(setting -> setting.endsWith(undo)));
      return ours ? DnsUndo.REVERTED : DnsUndo.NOT_OURS;
    }

    @Override
    public List<String> currentServers() {
      return List.of();
    }
  }

  // Nothing below is asked for here.

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public PlatformProbe probe() {
    return PlatformProbe.ready();
  }

  @Override
  public TunDevice createTun(String name, int mtuBytes) {
    throw new UnsupportedOperationException();
  }

  @Override
  public UdpTransport.Provider udp() {
    throw new UnsupportedOperationException();
  }

  @Override
  public MonotonicClock monotonicClock() {
    throw new UnsupportedOperationException();
  }

  @Override
  public WallClock wallClock() {
    throw new UnsupportedOperationException();
  }

  @Override
  public EntropySource entropy() {
    throw new UnsupportedOperationException();
  }

  @Override
  public MemoryGuard memoryGuard() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Privileges privileges() {
    throw new UnsupportedOperationException();
  }
}
