package cloud.runbeam.wgagent.app.shell;

import cloud.runbeam.wgagent.app.command.StatusReport;
import cloud.runbeam.wgagent.client.ControlException;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The names that the running agent knows, for completion; none where there is no agent. Asked once
 * in two seconds at most. One thread.
 */
public final class NameSource {
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final long FRESH_NS = TimeUnit.SECONDS.toNanos(2);

  private final AgentLink link;
  private List<JsonObject> networks = List.of();
  private long askedAtNs;
  private boolean asked;

  /** Names from the agent behind that link. */
  public NameSource(AgentLink link) {
    this.link = link;
  }

  /** The names of all networks. */
  List<String> networks() {
    return ask().stream().flatMap(network -> network.text("network").stream()).toList();
  }

  /** The names of all peers. */
  List<String> peers() {
    return ask().stream()
        .flatMap(network -> network.object("peers").stream())
        .flatMap(peers -> peers.objects("detail").stream())
        .flatMap(peer -> peer.text("name").stream())
        .distinct()
        .toList();
  }

  private List<JsonObject> ask() {
    long nowNs = System.nanoTime();
    if (!asked || nowNs - askedAtNs > FRESH_NS) {
      asked = true;
      askedAtNs = nowNs;
      try {
        networks =
            link.use(agent -> StatusReport.of(agent.call("status", Map.of(), PATIENCE)).networks());
      } catch (ControlException | IOException _) {
        networks = List.of(); // The command itself will say why.
      }
    }
    return networks;
  }
}
