package cloud.runbeam.wgagent.app.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Collects what is found while one file is read. One thread. */
final class Findings {
  private final String file;
  private final List<Problem> problems = new ArrayList<>();
  private final Map<String, Position> places = new HashMap<>();
  private final List<Notice> notices = new ArrayList<>();

  Findings(String file) {
    this.file = file;
  }

  /** Remembers where a key stands, for problems that are found later. */
  void place(String key, Position at) {
    places.put(key, at);
  }

  /** Where a key stands, or {@code otherwise} if it does not stand in the file. */
  Position positionOf(String key, Position otherwise) {
    return places.getOrDefault(key, otherwise);
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
