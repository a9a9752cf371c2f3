package cloud.runbeam.wgagent.app.config;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads addresses and prefixes out of a section. */
final class AddressTexts {
  private AddressTexts() {}

  /** Every prefix of the text or array under {@code key}; what is none is reported and left out. */
  static List<Located<IpPrefix>> prefixes(TomlSection section, String key) {
    List<Located<IpPrefix>> prefixes = new ArrayList<>();
    for (Located<String> text : section.strings(key)) {
      parse(section, text, "write an address with prefix length, e.g. \"10.0.0.2/24\"")
          .ifPresent(prefixes::add);
    }
    return prefixes;
  }

  /**
   * Every address (no prefix length) of the text or array under {@code key}; what is none is
   * reported and left out.
   */
  static List<Located<IpPrefix>> addresses(TomlSection section, String key) {
    List<Located<IpPrefix>> addresses = new ArrayList<>();
    String advice = "write an address without prefix length, e.g. \"10.0.0.53\"";
    for (Located<String> text : section.strings(key)) {
      if (text.value().indexOf('/') >= 0) {
        section.problem(
            text,
            ProblemReason.BAD_ADDRESS,
            "\"" + TomlSection.printable(text.value()) + "\" has a prefix length",
            advice);
        continue;
      }
      parse(section, text, advice).ifPresent(addresses::add);
    }
    return addresses;
  }

  private static Optional<Located<IpPrefix>> parse(
      TomlSection section, Located<String> text, String advice) {
    try {
      return Optional.of(new Located<>(IpPrefix.parse(text.value()), text.key(), text.position()));
    } catch (IllegalArgumentException refused) {
      section.problem(
          text,
          ProblemReason.BAD_ADDRESS,
          "\"" + TomlSection.printable(text.value()) + "\": " + refused.getMessage(),
          advice);
      return Optional.empty();
    }
  }

  /** Whether {@code inner} lies wholly inside {@code outer}, whose host bits are clear. */
  static boolean contains(IpPrefix outer, IpPrefix inner) {
    return outer.ipv6() == inner.ipv6()
        && inner.length() >= outer.length()
        && new IpPrefix(inner.ipv6(), inner.high(), inner.low(), outer.length())
            .network()
            .equals(outer);
  }
}
