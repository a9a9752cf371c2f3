package cloud.runbeam.wgagent.app.health;

import cloud.runbeam.wgagent.app.health.NetworkHealth.Verdict;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import java.util.List;

/**
 * The whole agent, judged.
 *
 * @param verdict the worst of the networks; degraded at least if the agent itself has a problem
 * @param reasons what is wrong with the agent itself, each with what to do
 * @param networks each network, in the order of the file
 */
public record AgentHealth(Verdict verdict, List<String> reasons, List<OfNetwork> networks) {
  /** Copies the lists. */
  public AgentHealth {
    reasons = List.copyOf(reasons);
    networks = List.copyOf(networks);
  }

  /** Puts what was found together. */
  static AgentHealth of(List<String> reasons, List<OfNetwork> networks) {
    Verdict worst = reasons.isEmpty() ? Verdict.HEALTHY : Verdict.DEGRADED;
    for (OfNetwork network : networks) {
      Verdict verdict = network.health().verdict();
      worst = verdict.compareTo(worst) > 0 ? verdict : worst;
    }
    return new AgentHealth(worst, reasons, networks);
  }

  /**
   * One network.
   *
   * @param status what was judged
   * @param health the judgement
   */
  public record OfNetwork(NetworkStatus status, NetworkHealth health) {}
}
