package cloud.runbeam.wgagent.app.config;

import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads one {@code [[network.NAME.peers]]}. */
final class PeerSection {
  private final TomlSection section;
  private final Path directory;

  PeerSection(TomlSection section, Path directory) {
    this.section = section;
    this.directory = directory;
  }

  /**
   * The peer, or empty where it has no usable public key. Other problems are reported and defaults
   * stand in.
   */
  Optional<PeerConfig> read() {
    Optional<String> name = Names.checked(section, section.string("name"), "peer");
    Optional<PublicKey> publicKey = publicKey();
    Optional<KeySource> presharedKey =
        new KeySourceKeys(section, "preshared_key", directory).read(false);
    List<EndpointName> endpoints = endpoints();
    List<Located<IpPrefix>> allowedIps = AddressTexts.prefixes(section, "allowed_ips");
    int keepalive =
        section
            .integer("persistent_keepalive_secs", 0, 65_535)
            .map(seconds -> seconds.value().intValue())
            .orElse(0);
    Set<IpPrefix> networks = new LinkedHashSet<>();
    for (Located<IpPrefix> prefix : allowedIps) {
      networks.add(prefix.value().network());
    }
    Optional<IpPrefix> probe = probe(networks);
    section.rejectUnknownKeys();
    return publicKey.map(key ->
        new PeerConfig(
            name.orElseGet(key::toBase64),
            key,
            presharedKey,
            endpoints,
            List.copyOf(networks),
            keepalive,
            probe,
            section.path(),
            section.position()));
  }

  private Optional<PublicKey> publicKey() {
    Optional<Located<String>> text = section.string("public_key");
    if (text.isEmpty()) {
      if (!section.has("public_key")) {
        section.problem(
            "public_key",
            ProblemReason.MISSING_KEY,
            "the peer has no public key",
            "add the 44 characters that \"wg-agent pubkey\" or \"wg pubkey\" prints on its side");
      }
      return Optional.empty();
    }
    // The text is not quoted: it may be a private key pasted into the wrong place.
    try {
      PublicKey key = PublicKey.fromBase64(text.get().value());
      if (!key.isZero()) {
        return Optional.of(key);
      }
      section.problem(
          text.get(),
          ProblemReason.BAD_KEY,
          "is all zeros, which is nobody's key",
          "paste the peer's public key");
    } catch (IllegalArgumentException _) {
      section.problem(
          text.get(),
          ProblemReason.BAD_KEY,
          "is not a key in base64 (" + text.get().value().length() + " characters)",
          "paste the 44 characters, the last one \"=\", that \"wg-agent pubkey\" prints");
    }
    return Optional.empty();
  }

  private List<EndpointName> endpoints() {
    List<EndpointName> endpoints = new ArrayList<>();
    for (Located<String> text : section.strings("endpoint")) {
      try {
        endpoints.add(EndpointName.parse(text.value()));
      } catch (IllegalArgumentException refused) {
        section.problem(
            text,
            ProblemReason.BAD_ENDPOINT,
            "\""
                + TomlSection.printable(text.value())
                + "\": "
                + TomlSection.printable(String.valueOf(refused.getMessage())),
            "write host:port, 192.0.2.1:51820 or [2001:db8::1]:51820");
      }
    }
    return endpoints;
  }

  private Optional<IpPrefix> probe(Set<IpPrefix> allowedIps) {
    Optional<Located<String>> text = section.string("probe");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    List<Located<IpPrefix>> address = AddressTexts.addresses(section, "probe");
    if (address.isEmpty()) {
      return Optional.empty();
    }
    IpPrefix target = address.getFirst().value();
    if (allowedIps.stream().noneMatch(prefix -> AddressTexts.contains(prefix, target))) {
      section.problem(
          "probe",
          ProblemReason.BAD_VALUE,
          target.addressText() + " is not among the peer's allowed_ips",
          "use an address that this peer answers for");
    }
    return Optional.of(target);
  }
}
