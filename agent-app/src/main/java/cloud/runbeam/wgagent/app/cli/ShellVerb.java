package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.client.ConnectOptions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** {@code shell}: the interactive console. */
public final class ShellVerb implements Verb {
  private final Map<String, String> variables;
  private final Console console;
  private final ToIntFunction<List<String>> verbs;

  /** Runs a console; it is an application of its own. */
  @FunctionalInterface
  public interface Console {
    /**
     * Runs until the user leaves.
     *
     * @param agent where the agent is
     * @param verbs runs a verb in this process and returns its exit code
     * @return the exit code
     */
    int run(ConnectOptions agent, ToIntFunction<List<String>> verbs);
  }

  ShellVerb(Map<String, String> variables, Console console, ToIntFunction<List<String>> verbs) {
    this.variables = variables;
    this.console = console;
    this.verbs = verbs;
  }

  @Override
  public VerbSyntax syntax() {
    return new VerbSyntax(
        "shell",
        "Open the console; commands on standard input are run as a script.",
        Optional.empty(),
        List.of(ControlSocket.OPTION));
  }

  @Override
  public int run(Arguments arguments) {
    return console.run(
        ControlSocket.options(arguments.value(ControlSocket.OPTION.name()), variables), verbs);
  }
}
