package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.command.CommandSyntax;
import cloud.runbeam.wgagent.client.ConnectOptions;
import cloud.runbeam.wgagent.client.ControlClient;
import cloud.runbeam.wgagent.client.ControlException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Where the running agent is found: the option that every verb has that talks to it. */
final class ControlSocket {
  static final String VARIABLE = "WG_AGENT_SOCKET";

  /** The environment's name for what the configuration calls {@code agent.control.socket}. */
  private static final String CONFIGURED = "WG_AGENT_CONTROL_SOCKET";

  static final VerbSyntax.Option OPTION =
      VerbSyntax.Option.value(
          "--socket",
          "PATH",
          "the agent's control socket (default: "
              + VARIABLE
              + " or "
              + ConnectOptions.DEFAULT_SOCKET
              + ")");

  /** The same option for commands. */
  static final CommandSyntax.Option COMMAND_OPTION =
      CommandSyntax.Option.value("--socket", "PATH", CommandSyntax.Kind.FILE, OPTION.description());

  private ControlSocket() {}

  /** The socket: {@code option} if given, otherwise what the environment says. */
  static ConnectOptions options(Optional<String> option, Map<String, String> variables) {
    return ConnectOptions.of(
        option
            .or(() ->
                Stream.of(VARIABLE, CONFIGURED)
                    .map(name -> variables.getOrDefault(name, ""))
                    .filter(path -> !path.isEmpty())
                    .findFirst())
            .map(Path::of)
            .orElse(ConnectOptions.DEFAULT_SOCKET));
  }

  /** Connects to the agent. */
  static ControlClient connect(Arguments arguments, Map<String, String> variables)
      throws ControlException {
    return ControlClient.connect(options(arguments.value(OPTION.name()), variables));
  }
}
