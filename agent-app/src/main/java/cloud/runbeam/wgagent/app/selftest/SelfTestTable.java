package cloud.runbeam.wgagent.app.selftest;

import cloud.runbeam.wgagent.app.selftest.CheckResult.Verdict;
import java.util.Locale;

/** A report for people, no line longer than a terminal of 80 columns. */
public final class SelfTestTable {
  private static final int COLUMNS = 80;
  private static final int INDENTATION = 36;

  private SelfTestTable() {}

  /** The whole table and a line that sums it up. */
  public static String of(SelfTestReport report) {
    StringBuilder text = new StringBuilder();
    String group = "";
    for (CheckResult result : report.results()) {
      if (!result.group().equals(group)) {
        group = result.group();
        text.append(text.isEmpty() ? "" : "\n").append(heading(group)).append('\n');
      }
      String start =
          String.format(Locale.ROOT, "  %-7s  %-24s", result.verdict().text(), result.name());
      wrap(text, start, result.reason());
    }
    return text.append('\n').append(summary(report)).append('\n').toString();
  }

  private static String heading(String group) {
    return group.substring(0, 1).toUpperCase(Locale.ROOT) + group.substring(1);
  }

  private static String summary(SelfTestReport report) {
    String counts =
        report.count(Verdict.PASSED)
            + " passed, "
            + report.count(Verdict.LIMITED)
            + " limited, "
            + report.count(Verdict.FAILED)
            + " failed";
    return report.passed() ? counts : counts + " (seed " + report.seed() + ")";
  }

  private static void wrap(StringBuilder text, String start, String words) {
    StringBuilder line = new StringBuilder(start);
    for (String word : words.split(" ", -1)) {
      if (line.length() + 1 + word.length() > COLUMNS && line.length() > INDENTATION) {
        text.append(line.toString().stripTrailing()).append('\n');
        line.setLength(0);
        line.repeat(' ', INDENTATION - 1);
      }
      line.append(' ').append(word);
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }
}
