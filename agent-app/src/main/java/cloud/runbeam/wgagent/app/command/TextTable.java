package cloud.runbeam.wgagent.app.command;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows in columns that fit a width: where they do not, the widest of those that may be shortened
 * lose their middle, one character after the other.
 */
final class TextTable {
  private static final int INDENT = 2;
  private static final int GAP = 2;

  /** What must stay of a column that is shortened. */
  private static final int MIN_SHORTENED = 8;

  private final List<String> header;
  private final boolean[] shortens;
  private final List<List<String>> rows = new ArrayList<>();

  /** A table; columns whose header ends with {@code ~}, which is not shown, may be shortened. */
  TextTable(String... header) {
    this.shortens = new boolean[header.length];
    List<String> shown = new ArrayList<>();
    for (int i = 0; i < header.length; i++) {
      shortens[i] = header[i].endsWith("~");
      shown.add(shortens[i] ? header[i].substring(0, header[i].length() - 1) : header[i]);
    }
    this.header = List.copyOf(shown);
  }

  /** Adds a row of as many cells as the header has. */
  void row(String... cells) {
    if (cells.length != header.size()) {
      throw new IllegalArgumentException(cells.length + " cells for " + header.size());
    }
    rows.add(Arrays.stream(cells).map(TextTable::printable).toList());
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  /** Header and rows, each ended by a line feed. */
  String text(CommandOutput output) {
    int[] widths = widths(output.columns());
    StringBuilder text = new StringBuilder();
    append(header, widths, false, text);
    rows.forEach(row -> append(row, widths, output.colours(), text));
    return text.toString();
  }

  private int[] widths(int columns) {
    int[] widths = new int[header.size()];
    int total = INDENT + GAP * (widths.length - 1);
    for (int i = 0; i < widths.length; i++) {
      widths[i] = header.get(i).length();
      for (List<String> row : rows) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
      total += widths[i];
    }
    for (; total > columns; total--) {
      int widest = -1;
      for (int i = 0; i < widths.length; i++) {
        int least = Math.max(MIN_SHORTENED, header.get(i).length());
        if (shortens[i] && widths[i] > least && (widest < 0 || widths[i] > widths[widest])) {
          widest = i;
        }
      }
      if (widest < 0) {
        break; // Nothing left to take from: it is wider than the screen, and complete.
      }
      widths[widest]--;
    }
    return widths;
  }

  private static void append(List<String> row, int[] widths, boolean colours, StringBuilder text) {
    int lineStart = text.length();
    text.repeat(' ', INDENT);
    for (int i = 0; i < widths.length; i++) {
      String cell = shortened(row.get(i), widths[i]);
      text.append(Shade.of(cell).paint(cell, colours));
      text.repeat(' ', widths[i] - cell.length() + GAP);
    }
    int end = text.length();
    while (end > lineStart && text.charAt(end - 1) == ' ') {
      end--;
    }
    text.setLength(end);
    text.append('\n');
  }

  /** The text with its middle left out where it is too long: both ends of a key or address tell. */
  static String shortened(String text, int width) {
    if (text.length() <= width) {
      return text;
    }
    int tail = (width - 1) / 2;
    int head = width - 1 - tail;
    return text.substring(0, head) + "…" + text.substring(text.length() - tail);
  }

  /** What another program said must not move the cursor. */
  static String printable(String text) {
    StringBuilder shown = new StringBuilder();
    text.chars().forEach(c -> shown.append(Character.isISOControl(c) ? '\uFFFD' : (char) c));
    return shown.toString();
  }
}
