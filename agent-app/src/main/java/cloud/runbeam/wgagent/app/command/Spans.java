package cloud.runbeam.wgagent.app.command;

/** Lengths of time for people. */
final class Spans {
  private Spans() {}

  /** {@code 90 s}, {@code 12 min}, {@code 7 h}, {@code 3 d}. */
  static String text(long seconds) {
    if (seconds < 120) {
      return seconds + " s";
    }
    if (seconds < 2 * 3600) {
      return seconds / 60 + " min";
    }
    return seconds < 48 * 3600 ? seconds / 3600 + " h" : seconds / 86_400 + " d";
  }
}
