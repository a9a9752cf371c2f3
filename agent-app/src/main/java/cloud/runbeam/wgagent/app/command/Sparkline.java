package cloud.runbeam.wgagent.app.command;

import java.util.List;
import java.util.OptionalDouble;

/** A row of values as a row of bars, the tallest for the largest. */
final class Sparkline {
  private static final String BARS = "▁▂▃▄▅▆▇█";

  private Sparkline() {}

  /** One character for each value, a blank where it is not known; values are at least 0. */
  static String of(List<OptionalDouble> values) {
    double largest = largest(values);
    StringBuilder line = new StringBuilder();
    for (OptionalDouble value : values) {
      if (value.isEmpty()) {
        line.append(' ');
      } else {
        double share = largest > 0 ? value.getAsDouble() / largest : 0;
        int bar = (int) Math.ceil(share * BARS.length()) - 1;
        line.append(BARS.charAt(Math.clamp(bar, 0, BARS.length() - 1)));
      }
    }
    return line.toString();
  }

  /** The largest of the values known, 0 if none is. */
  static double largest(List<OptionalDouble> values) {
    return values.stream().flatMapToDouble(OptionalDouble::stream).max().orElse(0);
  }
}
