package cloud.runbeam.wgagent.app.namespace;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A program on a real pseudo-terminal of 80 columns, kept by a tmux server of its own; what is on
 * the screen is read as a person would see it.
 */
final class TmuxScreen implements AutoCloseable {
  private static final String COLUMNS = "80";
  private static final String ROWS = "50";
  private static final Duration POLL = Duration.ofMillis(60);

  private final Path server;
  private final StringBuilder everything = new StringBuilder();

  /**
   * Starts a program.
   *
   * @param server socket of the tmux server, a path that does not exist
   * @param variables what its environment has beside tmux's own
   */
  TmuxScreen(Path server, Map<String, String> variables, List<String> command) {
    this.server = server;
    List<String> words =
        new ArrayList<>(List.of("new-session", "-d", "-x", COLUMNS, "-y", ROWS, "env"));
    words.addAll(List.of("-u", "NO_COLOR", "LC_ALL=C.UTF-8"));
    variables.forEach((name, value) -> words.add(name + "=" + value));
    words.addAll(command);
    // The screen stays readable after the program has ended, with its exit code.
    words.addAll(List.of(";", "set-option", "remain-on-exit", "on"));
    tmux(words);
  }

  private String tmux(List<String> words) {
    List<String> command =
        new ArrayList<>(List.of("tmux", "-S", server.toString(), "-f", "/dev/null"));
    command.addAll(words);
    return Shell.run(command.toArray(String[]::new));
  }

  /** Types a text as it is, without Enter. */
  void type(String text) {
    tmux(List.of("send-keys", "-l", "--", text));
  }

  /** Presses keys by tmux's names: {@code Enter}, {@code Tab}, {@code C-c}. */
  void press(String... keys) {
    List<String> words = new ArrayList<>(List.of("send-keys"));
    words.addAll(List.of(keys));
    tmux(words);
  }

  /**
   * What is on the screen, and above it since {@link #forget}, without trailing blanks; lines that
   * the terminal broke are whole again.
   */
  String text() {
    return tmux(List.of("capture-pane", "-p", "-J", "-S", "-"))
        .lines()
        .map(String::stripTrailing)
        .collect(Collectors.joining("\n"))
        .stripTrailing();
  }

  /**
   * Waits until the program has ended. Not by what the screen says of it: tmux 3.3a does not always
   * collect the exit code, and says nothing then.
   */
  void awaitEnd() {
    Awaitility.await("the program's end")
        .pollInterval(POLL)
        .atMost(NetnsPair.PATIENCE)
        .until(() -> tmux(List.of("list-panes", "-F", "#{pane_dead}")).strip().equals("1"));
  }

  /** The screen alone, line by line as it is drawn. */
  String drawing() {
    return tmux(List.of("capture-pane", "-p")).stripTrailing();
  }

  /** The same with its escape sequences. */
  String colouredText() {
    return tmux(List.of("capture-pane", "-p", "-e"));
  }

  /** Waits until the screen is as wanted, and returns it. */
  String await(String what, Predicate<String> condition) {
    try {
      String seen =
          Awaitility.await(what)
              .pollInterval(POLL)
              .atMost(NetnsPair.PATIENCE)
              .until(this::text, condition);
      everything.append(seen).append('\n');
      return seen;
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(what + "; the screen:\n" + text(), e);
    }
  }

  /** Clears the screen and what is above it; the program draws its prompt again. */
  void forget(String prompt) {
    press("C-l");
    Awaitility.await("a clear screen")
        .pollInterval(POLL)
        .atMost(NetnsPair.PATIENCE)
        .until(() -> tmux(List.of("capture-pane", "-p")).strip().equals(prompt));
    // What was on the screen has moved above it.
    tmux(List.of("clear-history"));
  }

  /** Everything that was waited for so far. */
  String everything() {
    return everything.toString();
  }

  @Override
  public void close() {
    Shell.execute("", "tmux", "-S", server.toString(), "kill-server");
  }
}
