package cloud.runbeam.wgagent.app.host;

import java.util.Optional;

/**
 * An interface as it was when a change was made: another one of the same name made later has
 * another index.
 *
 * @param name the interface's name
 * @param index the system's number for it, 0 where it is not known
 */
record Device(String name, int index) {
  /** {@code wg0#7}: no interface name holds a {@code #}. */
  String text() {
    return name + "#" + index;
  }

  static Optional<Device> parse(String text) {
    int mark = text.lastIndexOf('#');
    if (mark <= 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Device(text.substring(0, mark), Integer.parseInt(text.substring(mark + 1))));
    } catch (NumberFormatException damaged) {
      return Optional.empty();
    }
  }
}
