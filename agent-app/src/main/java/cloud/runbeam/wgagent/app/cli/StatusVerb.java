package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.client.ControlClient;
import cloud.runbeam.wgagent.app.client.ControlException;
import cloud.runbeam.wgagent.app.client.JsonValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code status}: what the running agent says about its networks and peers. */
final class StatusVerb implements Verb {
  private static final VerbSyntax.Option JSON =
      VerbSyntax.Option.flag("--json", "print the agent's answer as JSON");

  private final Terminal terminal;
  private final Map<String, String> variables;

  StatusVerb(Terminal terminal, Map<String, String> variables) {
    this.terminal = terminal;
    this.variables = variables;
  }

  @Override
  public VerbSyntax syntax() {
    return new VerbSyntax(
        "status",
        "Show the networks of the running agent and their peers.",
        Optional.of(new VerbSyntax.Operand("NETWORK", false, "only this network (default: all)")),
        List.of(JSON, ControlSocket.OPTION));
  }

  @Override
  public int run(Arguments arguments) throws ControlException {
    Map<String, JsonValue> params =
        arguments
            .operand()
            .map(network -> Map.of("network", JsonValue.of(network)))
            .orElse(Map.of());
    try (ControlClient agent = ControlSocket.connect(arguments, variables)) {
      JsonValue result = agent.call("status", params);
      boolean json = arguments.has(JSON.name());
      terminal.out().print(json ? result.toIndentedJson() + "\n" : StatusReport.of(result).table());
      terminal.out().flush();
      return 0;
    }
  }
}
