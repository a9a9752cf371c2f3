package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.shell.LocalCommand;
import cloud.runbeam.wgagent.client.ConnectOptions;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;

/**
 * What a console is started with.
 *
 * @param agent where the agent is
 * @param verbs runs the verbs that need no agent
 * @param variables environment of this process
 * @param terminal whether input and output are a terminal
 * @param in standard input
 * @param out standard output
 * @param err standard error
 */
record ConsoleSettings(
    ConnectOptions agent,
    LocalCommand.Verbs verbs,
    Map<String, String> variables,
    boolean terminal,
    InputStream in,
    PrintStream out,
    PrintStream err) {
  /** Only on a terminal, and not where https://no-color.org or a dumb terminal says otherwise. */
  boolean colours() {
    return terminal
        && variables.getOrDefault("NO_COLOR", "").isEmpty()
        && !variables.getOrDefault("TERM", "dumb").equals("dumb");
  }
}
