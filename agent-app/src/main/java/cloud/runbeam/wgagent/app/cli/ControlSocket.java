package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.client.ControlClient;
import cloud.runbeam.wgagent.app.client.ControlException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Where the running agent is found: the option that every verb has that talks to it. */
final class ControlSocket {
  /** The environment's name for what the configuration calls {@code agent.control.socket}. */
  private static final String VARIABLE = "WG_AGENT_CONTROL_SOCKET";

  private static final String DEFAULT = "/run/wg-agent/control.sock";
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  static final VerbSyntax.Option OPTION =
      VerbSyntax.Option.value(
          "--socket",
          "PATH",
          "the agent's control socket (default: " + VARIABLE + " or " + DEFAULT + ")");

  private ControlSocket() {}

  /** Connects to the agent. */
  static ControlClient connect(Arguments arguments, Map<String, String> variables)
      throws ControlException {
    String path =
        arguments.value(OPTION.name()).orElseGet(() -> variables.getOrDefault(VARIABLE, DEFAULT));
    return ControlClient.connect(Path.of(path), TIMEOUT);
  }
}
