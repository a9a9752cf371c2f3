package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.client.ControlClient;
import cloud.runbeam.wgagent.app.client.ControlException;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Where the running agent is found; mixed into every verb that talks to it. */
final class ControlSocketOption {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description =
          "Control socket of the agent (default: WG_AGENT_CONTROL_SOCKET or ${DEFAULT-VALUE}).",
      defaultValue = "${env:WG_AGENT_CONTROL_SOCKET:-/run/wg-agent/control.sock}")
  private Path socket = Path.of("/run/wg-agent/control.sock");

  /** Connects to the agent. */
  ControlClient connect() throws ControlException {
    return ControlClient.connect(socket, TIMEOUT);
  }
}
