package cloud.runbeam.wgagent.app.config.wgquick;

import cloud.runbeam.wgagent.app.config.Notice;
import cloud.runbeam.wgagent.app.config.Position;
import cloud.runbeam.wgagent.app.config.Problem;
import cloud.runbeam.wgagent.app.config.ProblemReason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Collects what is found in one file. What looks like a key in a text is blotted out. One thread.
 */
final class ConfFindings {
  /** 32 bytes in base64. */
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9+/]{42,43}=?");

  private static final int MAX_QUOTED = 80;

  private final String file;
  private final List<Problem> problems = new ArrayList<>();
  private final List<Notice> notices = new ArrayList<>();

  ConfFindings(String file) {
    this.file = file;
  }

  void problem(Position at, String key, ProblemReason reason, String what, String advice) {
    problems.add(new Problem(file, at, key, reason, blotted(what), blotted(advice)));
  }

  void notice(Position at, String key, String text) {
    notices.add(new Notice(file, at, key, blotted(text)));
  }

  boolean hasProblems() {
    return !problems.isEmpty();
  }

  /** In the order of the file. */
  List<Problem> problems() {
    return problems.stream()
        .sorted(
            Comparator.comparing(
                Problem::position,
                Comparator.comparingInt(Position::line).thenComparingInt(Position::column)))
        .toList();
  }

  /** In the order of the file. */
  List<Notice> notices() {
    return notices.stream()
        .sorted(
            Comparator.comparing(
                Notice::position,
                Comparator.comparingInt(Position::line).thenComparingInt(Position::column)))
        .toList();
  }

  private static String blotted(String text) {
    return KEY.matcher(text).replaceAll("(a key)");
  }

  /** Text of the file as it may stand in a message: in quotes, on one line, not too long. */
  static String quoted(String text) {
    StringBuilder shown = new StringBuilder("\"");
    text.codePoints()
        .limit(MAX_QUOTED)
        .forEach(point ->
            shown.appendCodePoint(
                Character.isISOControl(point) || Character.getType(point) == Character.FORMAT
                    ? '\uFFFD'
                    : point));
    return shown
        .append(text.codePointCount(0, text.length()) > MAX_QUOTED ? "…\"" : "\"")
        .toString();
  }
}
