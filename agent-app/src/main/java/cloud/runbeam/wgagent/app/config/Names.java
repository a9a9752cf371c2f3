package cloud.runbeam.wgagent.app.config;

import java.util.Optional;
import java.util.regex.Pattern;

/** The forms of names, which end in file names, labels and commands. */
final class Names {
  /** Network and peer names. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}");

  /** What Linux takes as an interface name, and what {@code wg-quick} takes. */
  private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9_=+.-]{1,15}");

  private Names() {}

  /**
   * Whether {@code name} may name a network or peer: 1 to 63 of {@code [A-Za-z0-9_.-]}, not
   * starting with a hyphen or dot.
   */
  static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /**
   * Whether {@code name} may name an interface; {@code .} and {@code ..} would be directories of
   * /proc/sys/net.
   */
  static boolean isInterface(String name) {
    return INTERFACE.matcher(name).matches()
        && !name.equals(".")
        && !name.equals("..")
        && !name.startsWith("-");
  }

  /** The name if it has the right form, otherwise a problem is reported. */
  static Optional<String> checked(
      TomlSection section, Optional<Located<String>> name, String kind) {
    return name.filter(
            text -> {
              boolean right = isName(text.value());
              if (!right) {
                section.problem(
                    text,
                    ProblemReason.BAD_NAME,
                    "\"" + TomlSection.printable(text.value()) + "\" cannot name a " + kind,
                    "use 1 to 63 letters, digits, \"_\", \".\" and \"-\", not starting with \"-\""
                        + " or \".\"");
              }
              return right;
            })
        .map(Located::value);
  }
}
