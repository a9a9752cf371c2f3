package cloud.runbeam.wgagent.app.host;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Tells people what lies between two lists of changes. */
final class HostDiffs {
  private HostDiffs() {}

  static HostDiff between(Collection<HostChange> standing, Collection<HostChange> wanted) {
    Set<String> changed = new LinkedHashSet<>();
    Stream.concat(without(wanted, standing).stream(), without(standing, wanted).stream())
        .map(HostDiffs::subject)
        .filter(subject -> !subject.isEmpty())
        .forEach(changed::add);
    List<HostChange> added = without(wanted, standing);
    List<HostChange> removed = without(standing, wanted);
    return new HostDiff(
        texts(added, HostDiffs::address),
        texts(removed, HostDiffs::address),
        texts(added, HostDiffs::route),
        texts(removed, HostDiffs::route),
        List.copyOf(changed));
  }

  private static List<HostChange> without(
      Collection<HostChange> changes, Collection<HostChange> others) {
    Set<String> known = new LinkedHashSet<>();
    others.forEach(change -> known.add(change.describe()));
    List<HostChange> rest = new ArrayList<>(changes);
    rest.removeIf(change -> known.contains(change.describe()));
    return rest;
  }

  private static List<String> texts(
      List<HostChange> changes, Function<HostChange, Stream<String>> text) {
    return changes.stream().flatMap(text).toList();
  }

  private static Stream<String> address(HostChange change) {
    return change instanceof HostChange.Address(Device _, var address)
        ? Stream.of(address.toString())
        : Stream.empty();
  }

  private static Stream<String> route(HostChange change) {
    return change instanceof HostChange.Route(Device _, var prefix, int _)
        ? Stream.of(prefix.toString())
        : Stream.empty();
  }

  private static String subject(HostChange change) {
    return switch (change) {
      case HostChange.KillSwitched _ -> "kill_switch";
      case HostChange.Mtu _ -> "mtu";
      case HostChange.RuleAdded _ -> "default_route";
      case HostChange.NameServers _ -> "dns";
      case HostChange.Address _, HostChange.Route _, HostChange.Link _ -> "";
      case HostChange.CheckedByMark _, HostChange.GuardedReplies _ -> "";
    };
  }
}
