package cloud.runbeam.wgagent.app.logging;

/**
 * Makes a text one harmless line: names come from files, requests and the network, and a line end,
 * an escape sequence or a change of writing direction in one could fake a line or hide one. What
 * cannot be printed is shown as Java would write it: {@code \n}, {@code \u001b}.
 */
final class PrintableText {
  private PrintableText() {}

  /** {@code text} as one line of at most {@code maxLength} characters before escaping. */
  static void append(StringBuilder line, String text, int maxLength) {
    int end = Math.min(text.length(), maxLength);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        case '\t' -> line.append("\\t");
        default -> {
          if (isPrintable(text, i)) {
            line.append(c);
          } else {
            line.append("\\u%04x".formatted((int) c));
          }
        }
      }
    }
    if (end < text.length()) {
      line.append("… (").append(text.length() - end).append(" characters left out)");
    }
  }

  private static boolean isPrintable(String text, int index) {
    char c = text.charAt(index);
    if (c < 0x7F) {
      return c >= ' ';
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SURROGATE -> isPaired(text, index);
      default -> true;
    };
  }

  private static boolean isPaired(String text, int index) {
    char c = text.charAt(index);
    return Character.isHighSurrogate(c)
        ? index + 1 < text.length() && Character.isLowSurrogate(text.charAt(index + 1))
        : index > 0 && Character.isHighSurrogate(text.charAt(index - 1));
  }
}
