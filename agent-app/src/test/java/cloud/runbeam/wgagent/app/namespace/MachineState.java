package cloud.runbeam.wgagent.app.namespace;

import static org.awaitility.Awaitility.await;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Everything of a network namespace that an agent may change, as the system's own tools show it.
 */
final class MachineState {
  private static final String[][] QUESTIONS = {
    {"ip", "-j", "-d", "link", "show"},
    {"ip", "-j", "address", "show"},
    {"ip", "-j", "route", "show", "table", "all"},
    {"ip", "-j", "-6", "route", "show", "table", "all"},
    {"ip", "-j", "-d", "rule", "show"},
    {"ip", "-j", "-d", "-6", "rule", "show"},
    {"nft", "list", "ruleset"},
    {"cat", "/proc/sys/net/ipv4/conf/all/src_valid_mark"},
    {"cat", "/etc/resolv.conf"},
  };

  private MachineState() {}

  /** Waits for the kernel to have checked the addresses it made itself. */
  static void awaitSettled(NetnsPair pair, String namespace) {
    await("link-local addresses")
        .atMost(NetnsPair.PATIENCE)
        .until(() ->
            pair.in(namespace, "ip", "-6", "address", "show").contains("fe80:")
                && pair.in(namespace, "ip", "-6", "address", "show", "tentative").isBlank());
  }

  /** What each tool says, by its command. */
  static Map<String, String> of(NetnsPair pair, String namespace) {
    Map<String, String> state = new LinkedHashMap<>();
    for (String[] question : QUESTIONS) {
      state.put(String.join(" ", question), pair.in(namespace, question));
    }
    return state;
  }

  /** The same for the namespace that this process is in. */
  static Map<String, String> ofThisNamespace() {
    Map<String, String> state = new LinkedHashMap<>();
    for (String[] question : QUESTIONS) {
      state.put(String.join(" ", question), Shell.run(question));
    }
    return state;
  }
}
