package cloud.runbeam.wgagent.app.wiring;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import cloud.runbeam.wgagent.app.shell.InteractiveConsole;
import cloud.runbeam.wgagent.app.shell.LocalCommand;
import cloud.runbeam.wgagent.app.shell.ScriptConsole;
import cloud.runbeam.wgagent.client.ConnectOptions;
import java.io.Console;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/**
 * The console as an application of its own: a Spring context with a dozen beans, no web, no
 * tunnels, no configuration file. It lives as long as {@link #run}.
 */
public final class ConsoleApplication {
  private final Map<String, String> variables;
  private final InputStream in;
  private final PrintStream out;
  private final PrintStream err;

  /**
   * A console that is not running yet.
   *
   * @param variables environment of this process
   * @param in lines to run, where there is no terminal
   */
  public ConsoleApplication(
      Map<String, String> variables, InputStream in, PrintStream out, PrintStream err) {
    this.variables = Map.copyOf(variables);
    this.in = in;
    this.out = out;
    this.err = err;
  }

  /**
   * Runs until the user leaves or the input ends.
   *
   * @param agent where the agent is; it need not be there
   * @param verbs runs the verbs that need no agent
   * @return 0; in a script the exit code of the last command that failed
   */
  public int run(ConnectOptions agent, LocalCommand.Verbs verbs) {
    return run(agent, verbs, isTerminal());
  }

  int run(ConnectOptions agent, LocalCommand.Verbs verbs, boolean terminal) {
    silenceLogs();
    try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
      ConsoleSettings settings =
          new ConsoleSettings(agent, verbs, variables, terminal, in, out, err);
      context.registerBean(ConsoleSettings.class, () -> settings);
      context.register(ConsoleConfiguration.class);
      context.refresh();
      if (terminal) {
        context.getBean(InteractiveConsole.class).run(new String[0]);
        return 0;
      }
      ScriptConsole script = context.getBean(ScriptConsole.class);
      script.run(new String[0]);
      return script.exitCode();
    }
  }

  private static boolean isTerminal() {
    Console console = System.console();
    return Optional.ofNullable(console).filter(Console::isTerminal).isPresent();
  }

  /** What libraries have to say would stand between the user's lines. */
  private static void silenceLogs() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext loggers) {
      loggers.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.OFF);
    }
  }
}
