package cloud.runbeam.wgagent.app.shell;

import cloud.runbeam.wgagent.client.ControlException;
import cloud.runbeam.wgagent.client.JsonValue;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.springframework.shell.core.ShellRunner;

/**
 * The console on a terminal: prompt, line, command, until {@code exit} or Ctrl-D. Ctrl-C throws a
 * half-written line away, and ends a command that runs. One thread.
 */
public final class InteractiveConsole implements ShellRunner {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Terminal terminal;
  private final LineReader reader;
  private final CommandLine line;
  private final ExitCommand exit;
  private final AgentLink link;
  private final ConsoleScreen screen;

  /** A console on that terminal. */
  public InteractiveConsole(
      Terminal terminal,
      LineReader reader,
      CommandLine line,
      ExitCommand exit,
      AgentLink link,
      ConsoleScreen screen) {
    this.terminal = terminal;
    this.reader = reader;
    this.line = line;
    this.exit = exit;
    this.link = link;
    this.screen = screen;
  }

  @Override
  public void run(String[] arguments) {
    greet();
    Thread console = Thread.currentThread();
    terminal.handle(Terminal.Signal.INT, signal -> console.interrupt());
    while (!exit.asked()) {
      String typed;
      try {
        typed = reader.readLine(screen.colours() ? "\u001b[1mwg-agent>\u001b[0m " : "wg-agent> ");
      } catch (UserInterruptException _) {
        continue;
      } catch (EndOfFileException _) {
        return;
      }
      line.run(typed);
      // An interrupt is for this command and not for the next; the terminal has shown it as ^C.
      if (Thread.interrupted()) {
        screen.out().println();
      }
      screen.out().flush();
    }
  }

  private void greet() {
    screen.out().println("wg-agent console; 'help' lists the commands, 'exit' leaves");
    try {
      JsonValue version = link.use(agent -> agent.call("version", Map.of(), PATIENCE));
      if (version instanceof JsonObject members) {
        screen
            .out()
            .println(
                "connected to wg-agent "
                    + members.text("version").orElse("of unknown version")
                    + members.text("platform").map(name -> " on " + name).orElse(""));
      }
    } catch (ControlException | IOException e) {
      screen.problem(String.valueOf(e.getMessage()));
      screen.out().println("the console goes on without it; commands try again");
    }
    screen.out().flush();
  }
}
