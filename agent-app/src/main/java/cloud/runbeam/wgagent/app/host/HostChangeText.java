package cloud.runbeam.wgagent.app.host;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.DnsRequest;
import cloud.runbeam.wgagent.platform.api.KillSwitch;
import cloud.runbeam.wgagent.platform.api.PolicyRouting;
import java.util.List;
import java.util.Optional;

/** Reads what {@link HostChange#text} writes. */
final class HostChangeText {
  private static final String DNS = "dns ";

  private HostChangeText() {}

  /** The change; empty for what this version does not know or what makes no sense. */
  static Optional<HostChange> parse(String text) {
    try {
      return text.startsWith(DNS)
          ? nameServers(text.split(" ", 5))
          : parse(List.of(text.split(" ", -1)));
    } catch (IllegalArgumentException damaged) {
      return Optional.empty();
    }
  }

  private static Optional<HostChange> parse(List<String> words) {
    return switch (words.getFirst() + " " + words.size()) {
      case "kill_switch 5" ->
          Optional.of(
              new HostChange.KillSwitched(
                  words.get(1),
                  new KillSwitch.Tunnel(
                      words.get(2),
                      Integer.parseUnsignedInt(words.get(3)),
                      words.get(4).equals("lan"))));
      case "mtu 3" ->
          device(words).map(device -> new HostChange.Mtu(device, Integer.parseInt(words.get(2))));
      case "address 3" ->
          device(words).map(device -> new HostChange.Address(device, IpPrefix.parse(words.get(2))));
      case "link 2" -> device(words).map(HostChange.Link::new);
      case "route 4" ->
          device(words)
              .map(device ->
                  new HostChange.Route(
                      device, IpPrefix.parse(words.get(2)), Integer.parseInt(words.get(3))));
      case "src_valid_mark 3" ->
          Optional.of(new HostChange.CheckedByMark(words.get(1), words.get(2).equals("1")));
      case "replies 4" ->
          Optional.of(
              new HostChange.GuardedReplies(
                  words.get(1), Integer.parseUnsignedInt(words.get(2)), prefixes(words.get(3))));
      case "rule 8" -> Optional.of(new HostChange.RuleAdded(rule(words)));
      default -> Optional.empty();
    };
  }

  private static Optional<HostChange> nameServers(String[] words) {
    if (words.length < 5) {
      return Optional.empty();
    }
    DnsRequest request = new DnsRequest(words[1], list(words[2]), list(words[3]));
    return Optional.of(new HostChange.NameServers(request, words[4]));
  }

  private static List<String> list(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(",", -1));
  }

  private static Optional<Device> device(List<String> words) {
    return Device.parse(words.get(1));
  }

  private static List<IpPrefix> prefixes(String text) {
    return list(text).stream().map(IpPrefix::parse).toList();
  }

  private static PolicyRouting.Rule rule(List<String> words) {
    return new PolicyRouting.Rule(
        words.get(1).equals("6"),
        Integer.parseUnsignedInt(words.get(2)),
        words.get(3).equals("not"),
        Integer.parseUnsignedInt(words.get(4)),
        Integer.parseUnsignedInt(words.get(5)),
        Integer.parseUnsignedInt(words.get(6)),
        Integer.parseInt(words.get(7)));
  }
}
