package cloud.runbeam.wgagent.app.command;

import java.util.Set;

/** What a word means for its reader; shown in colour where there is one. */
enum Shade {
  /** Nothing in particular. */
  PLAIN(""),
  /** As it should be. */
  GOOD("\u001b[32m"),
  /** Not as it should be, and still working. */
  DOUBTFUL("\u001b[33m"),
  /** Does not work. */
  BAD("\u001b[31m");

  private static final String END = "\u001b[0m";
  private static final Set<String> GOOD_WORDS = Set.of("active", "healthy", "ok", "added", "up");
  private static final Set<String> DOUBTFUL_WORDS =
      Set.of("degraded", "starting", "stopping", "idle", "updated");
  private static final Set<String> BAD_WORDS =
      Set.of("error", "failed", "unreachable", "removed", "broken");

  private final String start;

  Shade(String start) {
    this.start = start;
  }

  /** The shade of a state or verdict. */
  static Shade of(String word) {
    if (GOOD_WORDS.contains(word)) {
      return GOOD;
    }
    if (DOUBTFUL_WORDS.contains(word)) {
      return DOUBTFUL;
    }
    return BAD_WORDS.contains(word) ? BAD : PLAIN;
  }

  /** The text with its colour, which takes no room. */
  String paint(String text, boolean colours) {
    return colours && this != PLAIN ? start + text + END : text;
  }
}
