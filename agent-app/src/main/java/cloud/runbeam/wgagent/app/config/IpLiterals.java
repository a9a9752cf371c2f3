package cloud.runbeam.wgagent.app.config;

import cloud.runbeam.wgagent.engine.io.IpLiteral;

/** Tells IP addresses in text from everything else; no resolver is ever asked. */
final class IpLiterals {
  private IpLiterals() {}

  /** Whether {@code text} is an IPv4 or IPv6 address, without zone, port or prefix length. */
  static boolean isAddress(String text) {
    try {
      return IpLiteral.parse(text).zone().isEmpty();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** Whether {@code text} is an IPv6 address, a zone allowed: {@code fe80::1%eth0}. */
  static boolean isIpv6WithZone(String text) {
    try {
      return IpLiteral.parse(text).ipv6();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }
}
