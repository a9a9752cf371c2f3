package cloud.runbeam.wgagent.app.config.wgquick;

import static cloud.runbeam.wgagent.app.config.wgquick.ConfFile.label;

import cloud.runbeam.wgagent.app.config.NetworkDraft;
import cloud.runbeam.wgagent.app.config.Notice;
import cloud.runbeam.wgagent.app.config.Position;
import cloud.runbeam.wgagent.app.config.Problem;
import cloud.runbeam.wgagent.app.config.ProblemReason;
import cloud.runbeam.wgagent.app.config.wgquick.ConfFile.Entry;
import cloud.runbeam.wgagent.app.config.wgquick.ConfFile.Kind;
import cloud.runbeam.wgagent.app.config.wgquick.ConfFile.Section;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a wg-quick file means as {@code [network.NAME]} of ours; judged by the parser of our file,
 * so that whatever is accepted here is accepted there. One thread.
 */
final class ConfNetwork {
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");
  private static final Pattern HEX = Pattern.compile("0[xX][0-9a-fA-F]{1,8}");

  /** Tables with names of their own: rtnetlink.h. */
  private static final Map<String, Long> TABLES =
      Map.of("default", 253L, "main", 254L, "local", 255L);

  /** As wg-quick decides which words of DNS are servers. */
  private static final Pattern SERVER = Pattern.compile("[0-9.]+|.*:.*");

  /** What our own export writes instead of a key, and wg-quick(8) recommends. */
  private static final Pattern KEY_HOOK =
      Pattern.compile(
          "wg set %i (?:private-key|peer (?<peer>[A-Za-z0-9+/]{43}=) preshared-key)"
              + " (?:'(?<quoted>/[^']+)'|(?<plain>/[A-Za-z0-9_.+=:/-]+))");

  /** A place in our file, as its parser names it in messages about another. */
  private static final Pattern PLACE = Pattern.compile("(network\\.\\S+) \\(line \\d+\\)");

  private final String name;
  private final ConfFindings findings;
  private final Map<String, Object> table = new LinkedHashMap<>();
  private final List<MovedKey> keys = new ArrayList<>();

  /** Where keys of our file come from: path to position and name in the .conf. */
  private final Map<String, Origin> origins = new HashMap<>();

  private record Origin(Position position, String label) {}

  /**
   * A key that leaves the file for one of its own.
   *
   * @param file absolute
   * @param secret its base64, closed with the {@link ConfFile}
   * @param origin where it stood
   * @param label how it is named there
   */
  record MovedKey(Path file, SecretText secret, Position origin, String label) {}

  private ConfNetwork(String name, ConfFindings findings) {
    this.name = name;
    this.findings = findings;
  }

  /**
   * Reads a file's lines.
   *
   * @param name of the network
   * @param interfaceName of the interface
   * @param keyDirectory where its keys will be, absolute
   */
  static ConfNetwork of(
      ConfFile file, String name, String interfaceName, Path keyDirectory, ConfFindings findings) {
    ConfNetwork network = new ConfNetwork(name, findings);
    network.table.put("interface", interfaceName);
    network.interfaces(file.sections(Kind.INTERFACE), keyDirectory);
    network.peers(file, keyDirectory);
    network.judge(interfaceName);
    return network;
  }

  /** {@code [network.NAME]}, for the TOML writer. */
  Map<String, Object> table() {
    return table;
  }

  /** The keys to write, in the order of the file. */
  List<MovedKey> keys() {
    return keys;
  }

  /** Reports every peer that has this public key, which is the network's own. */
  void refuseAsPeer(String ownPublicKey) {
    for (int i = 0; table.get("peers") instanceof List<?> peers && i < peers.size(); i++) {
      if (peers.get(i) instanceof Map<?, ?> peer && ownPublicKey.equals(peer.get("public_key"))) {
        Origin at = origin("network." + name + ".peers[" + i + "].public_key");
        findings.problem(
            at.position(),
            at.label(),
            ProblemReason.OWN_PUBLIC_KEY,
            "is this network's own public key",
            "paste the other side's public key");
      }
    }
  }

  private void interfaces(List<Section> sections, Path keyDirectory) {
    if (sections.isEmpty()) {
      findings.problem(
          Position.WHOLE_FILE,
          "",
          ProblemReason.MISSING_KEY,
          "there is no [Interface]",
          "add one with PrivateKey and Address");
      return;
    }
    for (Section further : sections.subList(1, sections.size())) {
      findings.problem(
          further.position(),
          "[Interface]",
          ProblemReason.CONFLICTING_KEYS,
          "stands here for the second time",
          "join the two; a network has one interface");
    }
    Section section = sections.getFirst();
    words(section, ConfKey.ADDRESS, "address", "");
    section.first(ConfKey.MTU).ifPresent(entry -> put(section, entry, "mtu", number(entry)));
    section
        .first(ConfKey.LISTEN_PORT)
        .ifPresent(entry -> put(section, entry, "listen_port", number(entry)));
    privateKey(section, keyDirectory);
    dns(section);
    section.first(ConfKey.TABLE).ifPresent(entry -> routingTable(section, entry));
    section.first(ConfKey.FW_MARK).ifPresent(entry -> mark(section, entry));
    leftOut(section);
  }

  private void privateKey(Section section, Path keyDirectory) {
    Optional<Entry> entry = section.first(ConfKey.PRIVATE_KEY);
    if (entry.isPresent()) {
      Path file = keyDirectory.resolve(name + ".key");
      put(section, entry.get(), "private_key_path", file.toString());
      keys.add(
          new MovedKey(
              file,
              entry.get().secret().orElseThrow(),
              entry.get().position(),
              label(section, ConfKey.PRIVATE_KEY)));
      return;
    }
    Optional<Entry> hook =
        section.all(ConfKey.POST_UP).stream()
            .filter(candidate -> keyHook(candidate).filter(key -> key.peer().isEmpty()).isPresent())
            .findFirst();
    if (hook.isPresent()) {
      put(section, hook.get(), "private_key_path", keyHook(hook.get()).orElseThrow().path());
      return;
    }
    findings.problem(
        section.position(),
        "[Interface]",
        ProblemReason.MISSING_KEY,
        "has no PrivateKey",
        "add it, or a line PostUp = wg set %i private-key FILE");
    table.put("private_key_path", "/missing"); // So that the rest is judged as well.
  }

  private record KeyHook(Optional<String> peer, String path) {}

  private static Optional<KeyHook> keyHook(Entry entry) {
    Matcher hook = KEY_HOOK.matcher(entry.text());
    if (!hook.matches()) {
      return Optional.empty();
    }
    String quoted = hook.group("quoted");
    return Optional.of(
        new KeyHook(
            Optional.ofNullable(hook.group("peer")),
            quoted != null ? quoted : hook.group("plain")));
  }

  private void dns(Section section) {
    List<Object> servers = new ArrayList<>();
    List<Object> domains = new ArrayList<>();
    for (Entry entry : section.all(ConfKey.DNS)) {
      for (String word : entry.words()) {
        boolean server = SERVER.matcher(word).matches();
        List<Object> list = server ? servers : domains;
        origin((server ? "dns" : "dns_search") + "[" + list.size() + "]", section, entry);
        origin(server ? "dns" : "dns_search", section, entry);
        list.add(word);
      }
    }
    if (!servers.isEmpty()) {
      table.put("dns", servers);
    }
    if (!domains.isEmpty()) {
      table.put("dns_search", domains);
    }
  }

  private void routingTable(Section section, Entry entry) {
    String text = entry.text();
    if (text.equalsIgnoreCase("auto")) {
      return;
    }
    if (text.equalsIgnoreCase("off")) {
      put(section, entry, "routes", "off");
    } else if (TABLES.containsKey(text)) {
      put(section, entry, "table", TABLES.get(text));
    } else if (NUMBER.matcher(text).matches()) {
      put(section, entry, "table", Long.valueOf(text));
    } else {
      bad(
          section,
          entry,
          "is no routing table",
          "write auto, off or a number (names are in /etc/iproute2/rt_tables)");
    }
  }

  private void mark(Section section, Entry entry) {
    String text = entry.text();
    if (text.equalsIgnoreCase("off")) {
      return;
    }
    if (HEX.matcher(text).matches()) {
      put(section, entry, "fwmark", Long.parseLong(text.substring(2), 16));
    } else if (NUMBER.matcher(text).matches()) {
      put(section, entry, "fwmark", Long.valueOf(text));
    } else {
      bad(section, entry, "is no mark", "write a number, 0x with hexadecimal digits, or off");
    }
  }

  /** Hooks and SaveConfig: told, never obeyed. */
  private void leftOut(Section section) {
    for (Entry entry : section.entries()) {
      if (entry.key().hook() && keyHook(entry).isEmpty()) {
        findings.notice(
            entry.position(),
            label(section, entry.key()),
            "is not taken over, and was not run: "
                + ConfFindings.quoted(entry.text())
                + hookAdvice(entry.text()));
      }
    }
    section
        .first(ConfKey.SAVE_CONFIG)
        .filter(entry -> !entry.text().equalsIgnoreCase("false"))
        .ifPresent(entry -> {
          if (!entry.text().equalsIgnoreCase("true")) {
            bad(section, entry, "is neither true nor false", "write one of the two");
            return;
          }
          findings.notice(
              entry.position(),
              label(section, ConfKey.SAVE_CONFIG),
              "is not taken over: the agent never writes to its configuration file; changes over"
                  + " the control API stay with --persist");
        });
  }

  private static String hookAdvice(String command) {
    boolean blocks = command.contains("REJECT") || command.contains("DROP");
    return blocks && command.contains("fwmark")
        ? "; if it is to keep traffic inside the tunnel, set kill_switch = true"
        : "; do the same in a unit of your own if it is needed";
  }

  private void peers(ConfFile file, Path keyDirectory) {
    List<Map<String, Object>> peers = new ArrayList<>();
    Set<String> names = new HashSet<>();
    Map<String, String> hookedKeys = hookedKeys(file);
    for (Section section : file.sections(Kind.PEER)) {
      String at = "peers[" + peers.size() + "]";
      origins.put(at, new Origin(section.position(), "[Peer]"));
      Map<String, Object> peer = new LinkedHashMap<>();
      section.name().filter(names::add).ifPresent(given -> peer.put("name", given));
      Optional<Entry> publicKey = section.first(ConfKey.PUBLIC_KEY);
      if (publicKey.isPresent()) {
        put(peer, at, section, publicKey.get(), "public_key", publicKey.get().text());
        String hooked = hookedKeys.get(publicKey.get().text());
        if (hooked != null) {
          peer.put("preshared_key_path", hooked);
        }
      }
      presharedKey(section, peer, at, keyDirectory, peers.size() + 1);
      section
          .first(ConfKey.ENDPOINT)
          .ifPresent(entry -> put(peer, at, section, entry, "endpoint", entry.text()));
      words(peer, at, section, ConfKey.ALLOWED_IPS, "allowed_ips");
      section
          .first(ConfKey.PERSISTENT_KEEPALIVE)
          .filter(entry -> !entry.text().equalsIgnoreCase("off"))
          .ifPresent(
              entry -> put(peer, at, section, entry, "persistent_keepalive_secs", number(entry)));
      peers.add(peer);
    }
    if (!peers.isEmpty()) {
      table.put("peers", peers);
    }
  }

  private static Map<String, String> hookedKeys(ConfFile file) {
    Map<String, String> paths = new HashMap<>();
    for (Section section : file.sections(Kind.INTERFACE)) {
      for (Entry entry : section.all(ConfKey.POST_UP)) {
        keyHook(entry)
            .ifPresent(hook -> hook.peer().ifPresent(peer -> paths.put(peer, hook.path())));
      }
    }
    return paths;
  }

  private void presharedKey(
      Section section, Map<String, Object> peer, String at, Path keyDirectory, int number) {
    Optional<Entry> entry = section.first(ConfKey.PRESHARED_KEY);
    if (entry.isEmpty()) {
      return;
    }
    Object peerName = peer.getOrDefault("name", "peer" + number);
    Path file = keyDirectory.resolve(name + "-" + peerName + ".psk");
    put(peer, at, section, entry.get(), "preshared_key_path", file.toString());
    keys.add(
        new MovedKey(
            file,
            entry.get().secret().orElseThrow(),
            entry.get().position(),
            label(section, ConfKey.PRESHARED_KEY)));
  }

  /** A number if it is one; otherwise the text, which the file's parser will refuse. */
  private static Object number(Entry entry) {
    return NUMBER.matcher(entry.text()).matches()
        ? (Object) Long.valueOf(entry.text())
        : entry.text();
  }

  private void words(Section section, ConfKey key, String ours, String at) {
    words(table, at, section, key, ours);
  }

  private void words(
      Map<String, Object> target, String at, Section section, ConfKey key, String ours) {
    List<Object> all = new ArrayList<>();
    String path = at.isEmpty() ? ours : at + "." + ours;
    for (Entry entry : section.all(key)) {
      for (String word : entry.words()) {
        origin(path + "[" + all.size() + "]", section, entry);
        origins.putIfAbsent(path, new Origin(entry.position(), label(section, key)));
        all.add(word);
      }
    }
    if (!all.isEmpty()) {
      target.put(ours, all);
    }
  }

  private void put(Section section, Entry entry, String ours, Object value) {
    put(table, "", section, entry, ours, value);
  }

  private void put(
      Map<String, Object> target,
      String at,
      Section section,
      Entry entry,
      String ours,
      Object value) {
    target.put(ours, value);
    origin(at.isEmpty() ? ours : at + "." + ours, section, entry);
  }

  private void origin(String path, Section section, Entry entry) {
    origins.put(path, new Origin(entry.position(), label(section, entry.key())));
  }

  private void bad(Section section, Entry entry, String what, String advice) {
    findings.problem(
        entry.position(),
        label(section, entry.key()),
        ProblemReason.BAD_VALUE,
        ConfFindings.quoted(entry.text()) + " " + what,
        advice);
  }

  private void judge(String interfaceName) {
    NetworkDraft draft = NetworkDraft.of(name, table, interfaceName + ".conf");
    for (Problem problem : draft.problems()) {
      Origin at = origin(problem.key());
      findings.problem(
          at.position(),
          at.label(),
          problem.reason(),
          inTheirWords(problem.what()),
          inTheirWords(problem.advice()));
    }
    for (Notice notice : draft.notices()) {
      Origin at = origin(notice.key());
      findings.notice(at.position(), at.label(), inTheirWords(notice.text()));
    }
  }

  /** Where a key of ours stood in the .conf, or the nearest that stands above it. */
  private Origin origin(String key) {
    String prefix = "network." + name + ".";
    String path = key.startsWith(prefix) ? key.substring(prefix.length()) : "";
    while (!path.isEmpty()) {
      Origin known = origins.get(path);
      if (known != null) {
        return known;
      }
      path = path.substring(0, Math.max(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['))));
    }
    return new Origin(Position.WHOLE_FILE, "");
  }

  private String inTheirWords(String text) {
    return PLACE
        .matcher(text)
        .replaceAll(place -> {
          Origin at = origin(place.group(1));
          return Matcher.quoteReplacement(at.label() + " in line " + at.position().line());
        });
  }
}
