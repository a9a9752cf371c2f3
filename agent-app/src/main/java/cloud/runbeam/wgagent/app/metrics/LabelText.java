package cloud.runbeam.wgagent.app.metrics;

/**
 * Texts as label values: control and formatting characters replaced, at most {@value #MAX_LENGTH}
 * characters, so that neither a name nor a message of the system can break a line of the scrape or
 * make it large. (Quotes and backslashes are escaped by the format itself.)
 */
final class LabelText {
  static final int MAX_LENGTH = 200;

  private static final char REPLACEMENT = '\uFFFD';

  private LabelText() {}

  static String of(String text) {
    int end = Math.min(text.length(), MAX_LENGTH);
    StringBuilder shown = null;
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      if (c < ' ' || (c >= 0x7F && !isPrintable(c))) {
        shown = shown == null ? new StringBuilder(text.substring(0, end)) : shown;
        shown.setCharAt(i, REPLACEMENT);
      }
    }
    String clean = shown == null ? text.substring(0, end) : shown.toString();
    return end < text.length() ? clean + "…" : clean;
  }

  private static boolean isPrintable(char c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
