package cloud.runbeam.wgagent.app.host;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.DnsRequest;
import cloud.runbeam.wgagent.platform.api.DnsUndo;
import cloud.runbeam.wgagent.platform.api.KillSwitch;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PolicyRouting;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * One change of this machine: how it is made, how it is undone, and how to tell whether it is still
 * ours. Equal changes are the same change.
 */
sealed interface HostChange {
  /** As the journal keeps it: the kind and its values, divided by single spaces. */
  String text();

  /** In words, for people. */
  String describe();

  /** What can be held by one change only; a change of the same slot replaces the one before. */
  default String slot() {
    return text();
  }

  /**
   * Makes it; repeating it is no error.
   *
   * @return remarks for the operator about what could not be done as asked
   */
  List<String> make(Machine machine) throws PlatformException;

  /**
   * Takes it back; repeating it is no error.
   *
   * @return false if it turned out to be gone, or somebody else's by now
   */
  boolean undo(Machine machine) throws PlatformException;

  /** Whether it is there and was not changed by somebody else since. */
  boolean isOurs(Machine machine) throws PlatformException;

  /** The interface with which it disappears, so that it need not be undone before that. */
  default Optional<Device> bearer() {
    return Optional.empty();
  }

  /** Whether it outlives even a reboot. */
  default boolean outlivesBoot() {
    return false;
  }

  /** Whether the tunnel works without it on most machines, so that a refusal is only told. */
  default boolean isOptional() {
    return false;
  }

  /** Nothing leaves this machine outside tunnels. */
  record KillSwitched(String network, KillSwitch.Tunnel tunnel) implements HostChange {
    @Override
    public String text() {
      return "kill_switch "
          + network
          + " "
          + tunnel.interfaceName()
          + " "
          + Integer.toUnsignedString(tunnel.mark())
          + (tunnel.allowLan() ? " lan" : " no-lan");
    }

    @Override
    public String describe() {
      return "kill switch around " + tunnel.interfaceName();
    }

    @Override
    public String slot() {
      return "kill_switch";
    }

    @Override
    public List<String> make(Machine machine) throws PlatformException {
      machine.fence().enter(network, tunnel);
      return List.of();
    }

    @Override
    public boolean undo(Machine machine) throws PlatformException {
      machine.fence().leave(network);
      return true;
    }

    @Override
    public boolean isOurs(Machine machine) throws PlatformException {
      return machine.fence().stands();
    }
  }

  /** The interface's MTU. */
  record Mtu(Device device, int mtuBytes) implements HostChange {
    @Override
    public String text() {
      return "mtu " + device.text() + " " + mtuBytes;
    }

    @Override
    public String describe() {
      return "MTU " + mtuBytes + " of " + device.name();
    }

    @Override
    public String slot() {
      return "mtu";
    }

    @Override
    public List<String> make(Machine machine) throws PlatformException {
      machine.platform().interfaces().setMtu(device.name(), mtuBytes);
      return List.of();
    }

    @Override
    public boolean undo(Machine machine) {
      // The interface had none before this one; it goes with it.
      return true;
    }

    @Override
    public boolean isOurs(Machine machine) throws PlatformException {
      return stillThere(machine, device);
    }

    @Override
    public Optional<Device> bearer() {
      return Optional.of(device);
    }
  }

  /** An address of the interface. */
  record Address(Device device, IpPrefix address) implements HostChange {
    @Override
    public String text() {
      return "address " + device.text() + " " + address;
    }

    @Override
    public String describe() {
      return "address " + address + " of " + device.name();
    }

    @Override
    public String slot() {
      // The kernel has an IPv6 address once for each interface, whatever its prefix length.
      return address.ipv6() ? "address " + address.addressText() : text();
    }

    @Override
    public List<String> make(Machine machine) throws PlatformException {
      machine.platform().interfaces().addAddress(device.name(), address);
      return List.of();
    }

    @Override
    public boolean undo(Machine machine) throws PlatformException {
      machine.platform().interfaces().removeAddress(device.name(), address);
      return true;
    }

    @Override
    public boolean isOurs(Machine machine) throws PlatformException {
      return stillThere(machine, device);
    }

    @Override
    public Optional<Device> bearer() {
      return Optional.of(device);
    }
  }

  /** The interface is up. */
  record Link(Device device) implements HostChange {
    @Override
    public String text() {
      return "link " + device.text();
    }

    @Override
    public String describe() {
      return "link " + device.name() + " up";
    }

    @Override
    public List<String> make(Machine machine) throws PlatformException {
      machine.platform().interfaces().setUp(device.name(), true);
      return List.of();
    }

    @Override
    public boolean undo(Machine machine) throws PlatformException {
      machine.platform().interfaces().setUp(device.name(), false);
      return true;
    }

    @Override
    public boolean isOurs(Machine machine) throws PlatformException {
      return stillThere(machine, device);
    }

    @Override
    public Optional<Device> bearer() {
      return Optional.of(device);
    }
  }

  /** A route into the tunnel. */
  record Route(Device device, IpPrefix prefix, int table) implements HostChange {
    @Override
    public String text() {
      return "route " + device.text() + " " + prefix + " " + table;
    }

    @Override
    public String describe() {
      return "route " + prefix + " to " + device.name() + " in table " + table;
    }

    @Override
    public List<String> make(Machine machine) throws PlatformException {
      machine.platform().routes().add(device.name(), prefix, table);
      return List.of();
    }

    @Override
    public boolean undo(Machine machine) throws PlatformException {
      machine.platform().routes().remove(device.name(), prefix, table);
      return true;
    }

    @Override
    public boolean isOurs(Machine machine) throws PlatformException {
      return stillThere(machine, device);
    }

    @Override
    public Optional<Device> bearer() {
      return Optional.of(device);
    }
  }

  /** Sources are checked by mark. */
  record CheckedByMark(String network, boolean before) implements HostChange {
    @Override
    public String text() {
      return "src_valid_mark " + network + (before ? " 1" : " 0");
    }

    @Override
    public String describe() {
      return "net.ipv4.conf.all.src_valid_mark = 1";
    }

    @Override
    public String slot() {
      return "src_valid_mark";
    }

    @Override
    public boolean isOptional() {
      return true;
    }

    @Override
    public List<String> make(Machine machine) throws PlatformException {
      machine.markedSources().need(network, before);
      return List.of();
    }

    @Override
    public boolean undo(Machine machine) throws PlatformException {
      machine.markedSources().release(network, before);
      return true;
    }

    @Override
    public boolean isOurs(Machine machine) throws PlatformException {
      return !before && machine.platform().policyRouting().checksSourcesByMark();
    }
  }

  /** Answers to outer packets carry their mark. */
  record GuardedReplies(String interfaceName, int mark, List<IpPrefix> addresses)
      implements HostChange {
    /** Copies the list. */
    public GuardedReplies {
      addresses = List.copyOf(addresses);
    }

    @Override
    public String text() {
      return "replies "
          + interfaceName
          + " "
          + Integer.toUnsignedString(mark)
          + " "
          + addresses.stream().map(IpPrefix::toString).collect(Collectors.joining(","));
    }

    @Override
    public String describe() {
      return "firewall rules that mark answers for " + interfaceName;
    }

    @Override
    public String slot() {
      return "replies";
    }

    @Override
    public boolean isOptional() {
      return true;
    }

    @Override
    public List<String> make(Machine machine) throws PlatformException {
      machine.platform().policyRouting().guardReplies(interfaceName, mark, addresses);
      return List.of();
    }

    @Override
    public boolean undo(Machine machine) throws PlatformException {
      machine.platform().policyRouting().unguardReplies(interfaceName);
      return true;
    }

    @Override
    public boolean isOurs(Machine machine) {
      // The firewall table is named after us; nobody else writes there.
      return true;
    }
  }

  /** A rule that chooses a table. */
  record RuleAdded(PolicyRouting.Rule rule) implements HostChange {
    @Override
    public String text() {
      return "rule "
          + (rule.ipv6() ? "6 " : "4 ")
          + Integer.toUnsignedString(rule.priority())
          + (rule.inverted() ? " not " : " is ")
          + Integer.toUnsignedString(rule.mark())
          + " "
          + Integer.toUnsignedString(rule.mask())
          + " "
          + Integer.toUnsignedString(rule.table())
          + " "
          + rule.suppressPrefixLength();
    }

    @Override
    public String describe() {
      return rule.toString();
    }

    @Override
    public List<String> make(Machine machine) throws PlatformException {
      machine.platform().policyRouting().addRule(rule);
      return List.of();
    }

    @Override
    public boolean undo(Machine machine) throws PlatformException {
      machine.platform().policyRouting().removeRule(rule);
      return true;
    }

    @Override
    public boolean isOurs(Machine machine) throws PlatformException {
      return machine.platform().policyRouting().rules().contains(rule);
    }
  }

  /** The name servers that this machine asks. */
  record NameServers(DnsRequest request, String undo) implements HostChange {
    @Override
    public String text() {
      // The undo text comes last: it is a line of its own making, spaces and all.
      return "dns "
          + request.interfaceName()
          + " "
          + String.join(",", request.servers())
          + " "
          + String.join(",", request.searchDomains())
          + " "
          + undo;
    }

    @Override
    public String describe() {
      return "name servers "
          + String.join(", ", request.servers())
          + (request.isSplit() ? " for " + String.join(", ", request.searchDomains()) : "")
          + " through "
          + request.interfaceName();
    }

    @Override
    public String slot() {
      return "dns";
    }

    @Override
    public List<String> make(Machine machine) throws PlatformException {
      return machine.platform().dns().apply(request, undo);
    }

    @Override
    public boolean undo(Machine machine) throws PlatformException {
      return machine.platform().dns().revert(undo) == DnsUndo.REVERTED;
    }

    @Override
    public boolean isOurs(Machine machine) {
      // Told by undoing it, which leaves alone what somebody else has changed.
      return true;
    }

    @Override
    public boolean outlivesBoot() {
      // A file does; reverting tells what does not.
      return true;
    }
  }

  /** Whether the interface is the one that was changed, not a later one of the same name. */
  private static boolean stillThere(Machine machine, Device device) throws PlatformException {
    OptionalInt index = machine.platform().interfaces().index(device.name());
    return index.isPresent() && device.index() != 0 && index.getAsInt() == device.index();
  }
}
