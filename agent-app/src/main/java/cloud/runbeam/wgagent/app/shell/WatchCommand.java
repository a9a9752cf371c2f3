package cloud.runbeam.wgagent.app.shell;

import cloud.runbeam.wgagent.app.command.CommandOutput;
import cloud.runbeam.wgagent.app.command.CommandSyntax;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Operand;
import cloud.runbeam.wgagent.app.command.LiveTable;
import cloud.runbeam.wgagent.app.command.StatusReport;
import cloud.runbeam.wgagent.client.ControlException;
import cloud.runbeam.wgagent.client.JsonValue;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.utils.AttributedString;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;

/** {@code watch}: the peers and their traffic, drawn anew every second, until q. */
public final class WatchCommand extends ConsoleCommand {
  private static final long PERIOD_MS = 1_000;
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int CTRL_C = 3;

  private final Optional<Terminal> terminal;
  private final AgentLink link;
  private final ConsoleScreen screen;

  /** Watches on that terminal; without one the command says what to use instead. */
  public WatchCommand(Optional<Terminal> terminal, AgentLink link, ConsoleScreen screen) {
    super(
        new CommandSyntax(
            "watch",
            List.of(),
            "Watch peers and traffic live; q leaves.",
            List.of(
                new Operand("NETWORK", Kind.NETWORK, false, "only this network (default: all)")),
            List.of(),
            List.of(
                new Example("watch", "every peer, drawn anew every second"),
                new Example("watch office", "the peers of one network"))));
    this.terminal = terminal;
    this.link = link;
    this.screen = screen;
  }

  @Override
  int run(List<String> words) {
    if (words.size() > 1 || words.stream().anyMatch(word -> word.startsWith("-"))) {
      screen.problem("watch takes the name of one network at most");
      return USAGE;
    }
    if (terminal.isEmpty()) {
      screen.problem("watch needs a terminal; use status, or events --follow");
      return USAGE;
    }
    Map<String, JsonValue> params =
        words.isEmpty() ? Map.of() : Map.of("network", JsonValue.of(words.getFirst()));
    try {
      return watch(terminal.get(), params);
    } catch (ControlException e) {
      screen.problem(String.valueOf(e.getMessage()));
      return 1;
    } catch (IOException e) {
      screen.problem("the terminal failed: " + e.getMessage());
      return 1;
    }
  }

  private int watch(Terminal view, Map<String, JsonValue> params)
      throws ControlException, IOException {
    StatusReport first = ask(params); // A refusal is told before the screen is taken.
    Attributes before = view.enterRawMode();
    try {
      view.puts(Capability.enter_ca_mode);
      view.puts(Capability.cursor_invisible);
      redraw(view, params, first);
      return 0;
    } finally {
      view.puts(Capability.cursor_visible);
      view.puts(Capability.exit_ca_mode);
      view.setAttributes(before);
      view.flush();
    }
  }

  private void redraw(Terminal view, Map<String, JsonValue> params, StatusReport first)
      throws ControlException, IOException {
    Display display = new Display(view, true);
    LiveTable table = new LiveTable();
    StatusReport report = first;
    while (true) {
      Size size = view.getSize();
      display.resize(size.getRows(), size.getColumns());
      display.update(frame(table, report, size), 0);
      if (leaves(view.reader())) {
        return;
      }
      report = ask(params);
    }
  }

  private List<AttributedString> frame(LiveTable table, StatusReport report, Size size) {
    CommandOutput output = screen.output();
    List<String> lines = new ArrayList<>(table.lines(report, System.nanoTime(), output));
    int room = Math.max(1, size.getRows() - 1);
    if (lines.size() > room) {
      int hidden = lines.size() - room + 1;
      lines = new ArrayList<>(lines.subList(0, room - 1));
      lines.add("... " + hidden + " more lines; make the terminal higher");
    }
    while (lines.size() < room) {
      lines.add("");
    }
    lines.add("q leaves");
    return lines.stream()
        .map(AttributedString::fromAnsi)
        .map(line -> line.columnSubSequence(0, size.getColumns()))
        .toList();
  }

  private StatusReport ask(Map<String, JsonValue> params) throws ControlException, IOException {
    return StatusReport.of(link.use(agent -> agent.call("status", params, PATIENCE)));
  }

  /** Waits a period for a key; whether it means to leave. Other keys draw at once. */
  private static boolean leaves(NonBlockingReader keys) throws IOException {
    int key = keys.read(PERIOD_MS);
    return key == 'q'
        || key == 'Q'
        || key == CTRL_C
        || key == NonBlockingReader.EOF
        || Thread.currentThread().isInterrupted();
  }
}
