package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.client.ControlClient;
import cloud.runbeam.wgagent.app.client.ControlException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code healthcheck}: an exit code for container probes; says something only when it fails. */
@Command(
    name = "healthcheck",
    description = "Exit with 0 when the agent answers and none of its networks has failed.")
final class HealthcheckVerb implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private ControlSocketOption socket = new ControlSocketOption();

  HealthcheckVerb(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws ControlException {
    try (ControlClient agent = socket.connect()) {
      StatusReport report = StatusReport.of(agent.call("status", Map.of()));
      report.failures().forEach(failure -> terminal.err().println("wg-agent: " + failure));
      return report.failures().isEmpty() ? 0 : Verbs.FAILED;
    }
  }
}
