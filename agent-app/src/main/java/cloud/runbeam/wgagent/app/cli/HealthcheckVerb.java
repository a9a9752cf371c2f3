package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.command.StatusReport;
import cloud.runbeam.wgagent.client.ControlClient;
import cloud.runbeam.wgagent.client.ControlException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code healthcheck}: an exit code for container probes; says something only when it fails. */
final class HealthcheckVerb implements Verb {
  private final Terminal terminal;
  private final Map<String, String> variables;

  HealthcheckVerb(Terminal terminal, Map<String, String> variables) {
    this.terminal = terminal;
    this.variables = variables;
  }

  @Override
  public VerbSyntax syntax() {
    return new VerbSyntax(
        "healthcheck",
        "Exit with 0 when the agent answers and none of its networks has failed.",
        Optional.empty(),
        List.of(ControlSocket.OPTION));
  }

  @Override
  public int run(Arguments arguments) throws ControlException {
    try (ControlClient agent = ControlSocket.connect(arguments, variables)) {
      StatusReport report = StatusReport.of(agent.call("status", Map.of()));
      report.failures().forEach(failure -> terminal.err().println("wg-agent: " + failure));
      return report.failures().isEmpty() ? 0 : Verbs.FAILED;
    }
  }
}
