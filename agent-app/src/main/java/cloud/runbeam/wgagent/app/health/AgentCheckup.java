package cloud.runbeam.wgagent.app.health;

import cloud.runbeam.wgagent.app.health.AgentHealth.OfNetwork;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Looks at everything at once: what probes, metrics and operators are told comes from here. Any
 * thread; does not wait.
 */
public final class AgentCheckup {
  private final Supplier<List<NetworkStatus>> networks;
  private final HealthJudge judge;
  private final List<ProblemSource> sources;

  /**
   * A checkup.
   *
   * @param networks asked at each look
   * @param judge judges each of them
   * @param sources asked at each look for problems of the agent itself
   */
  public AgentCheckup(
      Supplier<List<NetworkStatus>> networks, HealthJudge judge, List<ProblemSource> sources) {
    this.networks = networks;
    this.judge = judge;
    this.sources = List.copyOf(sources);
  }

  /** How the agent is now. */
  public AgentHealth look() {
    List<String> reasons =
        sources.stream().map(ProblemSource::problem).flatMap(Optional::stream).toList();
    List<OfNetwork> judged =
        networks.get().stream()
            .map(network -> new OfNetwork(network, judge.judge(network)))
            .toList();
    return AgentHealth.of(reasons, judged);
  }
}
