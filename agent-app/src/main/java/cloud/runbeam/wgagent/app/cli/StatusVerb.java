package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.client.ControlClient;
import cloud.runbeam.wgagent.app.client.ControlException;
import cloud.runbeam.wgagent.app.client.JsonValue;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code status}: what the running agent says about its networks and peers. */
@Command(name = "status", description = "Show the networks of the running agent and their peers.")
final class StatusVerb implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private ControlSocketOption socket = new ControlSocketOption();

  @Option(names = "--json", description = "Print the agent's answer as JSON.")
  private boolean json;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "NETWORK",
      description = "Only this network (default: all).")
  private Optional<String> network = Optional.empty();

  StatusVerb(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws ControlException {
    Map<String, JsonValue> params =
        network.map(name -> Map.of("network", JsonValue.of(name))).orElse(Map.of());
    try (ControlClient agent = socket.connect()) {
      JsonValue result = agent.call("status", params);
      terminal.out().print(json ? result.toIndentedJson() + "\n" : StatusReport.of(result).table());
      terminal.out().flush();
      return 0;
    }
  }
}
