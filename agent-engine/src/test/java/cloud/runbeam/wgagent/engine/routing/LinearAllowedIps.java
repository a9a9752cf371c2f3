package cloud.runbeam.wgagent.engine.routing;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The obviously right twin of {@link AllowedIps}: a list that is searched from end to end. */
final class LinearAllowedIps {
  private final Map<IpPrefix, Integer> owners = new LinkedHashMap<>();

  void put(IpPrefix prefix, Integer owner) {
    if (!owner.equals(owners.get(prefix))) {
      owners.remove(prefix);
      owners.put(prefix, owner);
    }
  }

  void remove(IpPrefix prefix) {
    owners.remove(prefix);
  }

  void removeAll(Integer owner) {
    owners.values().removeIf(owner::equals);
  }

  int size() {
    return owners.size();
  }

  @Nullable Integer owner(IpPrefix prefix) {
    return owners.get(prefix);
  }

  List<IpPrefix> prefixesOf(Integer owner) {
    return owners.entrySet().stream()
        .filter(entry -> entry.getValue().equals(owner))
        .map(Map.Entry::getKey)
        .toList();
  }

  @Nullable Integer lookup(IpPrefix address) {
    int longest = -1;
    Integer found = null;
    for (Map.Entry<IpPrefix, Integer> entry : owners.entrySet()) {
      IpPrefix prefix = entry.getKey();
      IpPrefix cut = new IpPrefix(address.ipv6(), address.high(), address.low(), prefix.length());
      if (prefix.ipv6() == address.ipv6()
          && prefix.length() > longest
          && cut.network().equals(prefix)) {
        longest = prefix.length();
        found = entry.getValue();
      }
    }
    return found;
  }
}
