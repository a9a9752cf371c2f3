package cloud.runbeam.wgagent.app.config;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one {@code [network.NAME]}. */
final class NetworkSection {
  /** The smallest MTU a TUN device is made with; RFC 791 asks every host to take this much. */
  private static final int MIN_MTU_BYTES = 576;

  /** RFC 8200 section 5: IPv6 needs links of at least this MTU. */
  private static final int MIN_IPV6_MTU_BYTES = 1_280;

  /** A 64 KiB UDP datagram less the transport header, tag and padding. */
  private static final int MAX_MTU_BYTES = 65_440;

  private static final Pattern HEX = Pattern.compile("0[xX][0-9a-fA-F]{1,8}");
  private static final Pattern DOMAIN =
      Pattern.compile(
          "(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*");

  private final String name;
  private final TomlSection section;
  private final Path directory;

  /**
   * A network's table.
   *
   * @param directory what a relative key path starts from
   */
  NetworkSection(String name, TomlSection section, Path directory) {
    this.name = name;
    this.section = section;
    this.directory = directory;
  }

  /**
   * The network, or empty where interface or private key are missing. Other problems are reported
   * and defaults stand in.
   *
   * @param strayPeers tables of {@code [[network.peers]]} that belong to this network
   */
  Optional<NetworkConfig> read(List<TomlSection> strayPeers) {
    boolean enabled = section.bool("enable_wireguard").map(Located::value).orElse(true);
    Optional<String> interfaceName = interfaceName();
    List<IpPrefix> addresses =
        AddressTexts.prefixes(section, "address").stream().map(Located::value).toList();
    OptionalInt mtu = mtu(addresses);
    int port = section.integer("listen_port", 0, 65_535).map(at -> at.value().intValue()).orElse(0);
    Optional<KeySource> privateKey = privateKey();
    List<String> dns =
        AddressTexts.addresses(section, "dns").stream()
            .map(address -> address.value().addressText())
            .toList();
    List<String> dnsSearch = dnsSearch();
    boolean routes = !"off".equals(choice("routes", "auto", List.of("auto", "off")));
    Table table = table();
    int fwmark = fwmark();
    boolean killSwitch = section.bool("kill_switch").map(Located::value).orElse(false);
    boolean allowLan = allowLan(killSwitch);
    refuseUnsupported();
    List<PeerConfig> peers = peers(strayPeers, routes && table.routes());
    if (killSwitch) {
      noteEndpointNames(peers);
    }
    // Belongs to the application that shares this file.
    section.raw("http");
    section.rejectUnknownKeys();
    if (interfaceName.isEmpty() || privateKey.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new NetworkConfig(
            name,
            enabled,
            interfaceName.get(),
            addresses,
            mtu,
            port,
            privateKey.get(),
            dns,
            dnsSearch,
            routes && table.routes(),
            table.number(),
            fwmark,
            killSwitch,
            allowLan,
            peers,
            section.position()));
  }

  private Optional<String> interfaceName() {
    Optional<Located<String>> text = section.string("interface");
    if (text.isEmpty() && !section.has("interface")) {
      section.problem(
          "interface",
          ProblemReason.MISSING_KEY,
          "the network has no interface name",
          "add e.g. interface = \"wg0\"");
    }
    return text.map(Located::value)
        .filter(candidate -> {
          boolean right = Names.isInterface(candidate);
          if (!right) {
            section.problem(
                "interface",
                ProblemReason.BAD_NAME,
                "\"" + TomlSection.printable(candidate) + "\" cannot name an interface",
                "use 1 to 15 letters, digits and \"_=+.-\", not starting with \"-\"");
          }
          return right;
        });
  }

  private OptionalInt mtu(List<IpPrefix> addresses) {
    if (section.raw("mtu") instanceof String word) {
      if (!word.equals("auto")) {
        section.problem(
            "mtu",
            ProblemReason.BAD_VALUE,
            "\"" + TomlSection.printable(word) + "\" is not an MTU",
            "write \"auto\" or a number of bytes without quotes");
      }
      return OptionalInt.empty();
    }
    Optional<Located<Long>> bytes = section.integer("mtu", MIN_MTU_BYTES, MAX_MTU_BYTES);
    if (bytes.isEmpty()) {
      return OptionalInt.empty();
    }
    int mtu = bytes.get().value().intValue();
    if (mtu < MIN_IPV6_MTU_BYTES && addresses.stream().anyMatch(IpPrefix::ipv6)) {
      section.problem(
          "mtu",
          ProblemReason.OUT_OF_RANGE,
          mtu + " is too small for the interface's IPv6 address",
          "use at least " + MIN_IPV6_MTU_BYTES);
    }
    return OptionalInt.of(mtu);
  }

  private Optional<KeySource> privateKey() {
    KeySourceKeys keys = new KeySourceKeys(section, "private_key", directory);
    Optional<KeySource> source = keys.read(true);
    if (!keys.isPresent()) {
      section.problem(
          "private_key_path",
          ProblemReason.MISSING_KEY,
          "the network has no private key",
          "make one with \"wg-agent genkey > FILE\" (mode 0600) and name the file here");
    }
    return source;
  }

  private List<String> dnsSearch() {
    List<String> domains = new ArrayList<>();
    for (Located<String> text : section.strings("dns_search")) {
      if (DOMAIN.matcher(text.value()).matches()) {
        domains.add(text.value());
      } else {
        section.problem(
            text,
            ProblemReason.BAD_VALUE,
            "\"" + TomlSection.printable(text.value()) + "\" is not a domain name",
            "write e.g. \"corp.example\"");
      }
    }
    if (!domains.isEmpty() && !section.has("dns")) {
      section.problem(
          "dns_search",
          ProblemReason.MISSING_KEY,
          "there is no DNS server for these domains",
          "add dns, or remove dns_search");
    }
    return domains;
  }

  private String choice(String key, String otherwise, List<String> words) {
    Optional<Located<String>> word = section.string(key);
    if (word.isEmpty()) {
      return otherwise;
    }
    if (!words.contains(word.get().value())) {
      section.problem(
          key,
          ProblemReason.BAD_VALUE,
          "\"" + TomlSection.printable(word.get().value()) + "\" is not known",
          "use one of " + String.join(", ", words));
      return otherwise;
    }
    return word.get().value();
  }

  private Table table() {
    if (section.raw("table") instanceof String) {
      return new Table(
          OptionalInt.empty(), !choice("table", "auto", List.of("auto", "off")).equals("off"));
    }
    // RTA_TABLE is 32 bits wide and 0 means "unspecified"; the rest of the app counts in int.
    return new Table(
        section
            .integer("table", 1, Integer.MAX_VALUE)
            .map(number -> OptionalInt.of(number.value().intValue()))
            .orElse(OptionalInt.empty()),
        true);
  }

  private int fwmark() {
    Object value = section.raw("fwmark");
    if (value instanceof String text) {
      if (HEX.matcher(text).matches()) {
        return Integer.parseUnsignedInt(text.substring(2), 16);
      }
      section.problem(
          "fwmark",
          ProblemReason.BAD_VALUE,
          "\"" + TomlSection.printable(text) + "\" is not a mark",
          "write a number, or hexadecimal such as \"0xca6c\"");
      return 0;
    }
    return section
        .integer("fwmark", 0, 0xFFFF_FFFFL)
        .map(number -> number.value().intValue())
        .orElse(0);
  }

  private boolean allowLan(boolean killSwitch) {
    boolean allowed = section.bool("allow_lan").map(Located::value).orElse(false);
    if (allowed && !killSwitch) {
      section.notice("allow_lan", "has no meaning without kill_switch = true");
    }
    return allowed;
  }

  /** Behind a closed kill switch no name server outside the tunnel can be asked. */
  private void noteEndpointNames(List<PeerConfig> peers) {
    for (PeerConfig peer : peers) {
      for (EndpointName endpoint : peer.endpoints()) {
        if (!IpLiterals.isAddress(endpoint.host())) {
          section.notice(
              "kill_switch",
              "the name in endpoint "
                  + endpoint
                  + " is looked up before the kill switch closes, and cannot be looked up outside"
                  + " the tunnel while it is closed; write an address if it must start from a"
                  + " closed state");
          return;
        }
      }
    }
  }

  private void refuseUnsupported() {
    String backend = choice("backend", "auto", List.of("auto", "userspace", "kernel"));
    if (backend.equals("kernel")) {
      section.problem(
          "backend",
          ProblemReason.NOT_SUPPORTED,
          "this version has the userspace backend only",
          "use \"auto\" or \"userspace\"");
    }
  }

  private List<PeerConfig> peers(List<TomlSection> strayPeers, boolean routed) {
    List<TomlSection> tables = new ArrayList<>(section.tables("peers"));
    tables.addAll(strayPeers);
    List<PeerConfig> peers = new ArrayList<>();
    for (TomlSection table : tables) {
      Optional<PeerConfig> peer = new PeerSection(table, directory).read();
      peer.ifPresent(peers::add);
      if (routed) {
        peer.ifPresent(found -> noteEndpointInside(table, found));
      }
    }
    return peers;
  }

  /**
   * Packets to an endpoint that is routed into the tunnel come back to us for ever; wg-quick leaves
   * users to find out.
   */
  private static void noteEndpointInside(TomlSection table, PeerConfig peer) {
    for (EndpointName endpoint : peer.endpoints()) {
      @Nullable IpPrefix address = literal(endpoint);
      boolean inside =
          address != null
              && peer.allowedIps().stream()
                  .anyMatch(
                      prefix -> prefix.length() > 0 && AddressTexts.contains(prefix, address));
      if (inside) {
        table.notice(
            "endpoint",
            endpoint
                + " lies inside the peer's allowed_ips, so that the tunnel would be routed into"
                + " itself; narrow allowed_ips or set routes = \"off\"");
      }
    }
  }

  private static @Nullable IpPrefix literal(EndpointName endpoint) {
    return IpLiterals.isAddress(endpoint.host()) ? IpPrefix.parse(endpoint.host()) : null;
  }

  /**
   * What {@code table} says.
   *
   * @param number empty for the main table
   * @param routes false for {@code off}
   */
  private record Table(OptionalInt number, boolean routes) {}
}
