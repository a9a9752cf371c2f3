package cloud.runbeam.wgagent.app.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is found while one file is read. One thread. */
final class Findings {
  private final String file;
  private final List<Problem> problems = new ArrayList<>();
  private final List<Notice> notices = new ArrayList<>();

  Findings(String file) {
    this.file = file;
  }

  void problem(Position at, String key, ProblemReason reason, String what, String advice) {
    problems.add(new Problem(file, at, key, reason, what, advice));
  }

  void notice(Position at, String key, String text) {
    notices.add(new Notice(file, at, key, text));
  }

  boolean hasProblems() {
    return !problems.isEmpty();
  }

  /** In the order of the file. */
  List<Problem> problems() {
    return problems.stream()
        .sorted(Comparator.comparing(Problem::position, Findings::inFileOrder))
        .toList();
  }

  /** In the order of the file. */
  List<Notice> notices() {
    return notices.stream()
        .sorted(Comparator.comparing(Notice::position, Findings::inFileOrder))
        .toList();
  }

  private static int inFileOrder(Position left, Position right) {
    int byLine = Integer.compare(left.line(), right.line());
    return byLine != 0 ? byLine : Integer.compare(left.column(), right.column());
  }
}
