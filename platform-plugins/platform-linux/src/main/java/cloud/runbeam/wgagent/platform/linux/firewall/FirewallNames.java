package cloud.runbeam.wgagent.platform.linux.firewall;

import java.util.regex.Pattern;

/** Names as they may stand in a script: checked here once more, since the script is a language. */
final class FirewallNames {
  private static final Pattern INTERFACE = Pattern.compile("(?!-|\\.{1,2}$)[A-Za-z0-9_=+.-]{1,15}");

  private FirewallNames() {}

  /** An interface's name in quotes. */
  static String quoted(String interfaceName) {
    return '"' + checked(interfaceName) + '"';
  }

  /**
   * The name of the table for an interface. What an identifier of nft cannot hold is written as a
   * slash and its code, so that no two interfaces share a table.
   */
  static String table(String interfaceName) {
    StringBuilder name = new StringBuilder("wg_agent_replies_");
    for (char character : checked(interfaceName).toCharArray()) {
      if (character == '=' || character == '+') {
        name.append('/').append(Integer.toHexString(character));
      } else {
        name.append(character);
      }
    }
    return name.toString();
  }

  private static String checked(String interfaceName) {
    if (!INTERFACE.matcher(interfaceName).matches()) {
      throw new IllegalArgumentException("not an interface name");
    }
    return interfaceName;
  }
}
