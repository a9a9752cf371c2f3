package cloud.runbeam.wgagent.app.config;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.regex.Pattern;

/** Tells IP addresses in text from everything else; no resolver is ever asked. */
final class IpLiterals {
  private static final Pattern ZONE = Pattern.compile("[A-Za-z0-9_=+.-]{1,15}");

  private IpLiterals() {}

  /** Whether {@code text} is an IPv4 or IPv6 address, without zone, port or prefix length. */
  static boolean isAddress(String text) {
    if (text.indexOf('/') >= 0) {
      return false;
    }
    try {
      IpPrefix.parse(text);
      return true;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** Whether {@code text} is an IPv6 address, a zone allowed: {@code fe80::1%eth0}. */
  static boolean isIpv6WithZone(String text) {
    int percent = text.indexOf('%');
    String address = percent < 0 ? text : text.substring(0, percent);
    return address.indexOf(':') >= 0
        && isAddress(address)
        && (percent < 0 || ZONE.matcher(text.substring(percent + 1)).matches());
  }
}
