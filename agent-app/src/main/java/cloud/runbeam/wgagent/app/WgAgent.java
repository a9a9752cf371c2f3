package cloud.runbeam.wgagent.app;

import cloud.runbeam.wgagent.app.cli.Terminal;
import cloud.runbeam.wgagent.app.cli.Verbs;
import cloud.runbeam.wgagent.app.wiring.AgentApplication;
import cloud.runbeam.wgagent.app.wiring.ConsoleApplication;
import java.util.Map;

/** Entry point of every verb. */
public final class WgAgent {
  private WgAgent() {}

  static void main(String[] args) {
    Terminal terminal = Terminal.ofProcess();
    Map<String, String> variables = System.getenv();
    Verbs verbs =
        new Verbs(
            terminal,
            variables,
            start ->
                new AgentApplication(variables, terminal.err())
                    .run(start.config(), start.ephemeral()),
            (agent, local) ->
                new ConsoleApplication(variables, terminal.in(), terminal.out(), terminal.err())
                    .run(agent, local::applyAsInt));
    System.exit(verbs.run(args));
  }
}
