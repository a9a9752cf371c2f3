package cloud.runbeam.wgagent.app.metrics;

import cloud.runbeam.wgagent.app.health.AgentCheckup;
import cloud.runbeam.wgagent.app.health.AgentHealth;
import cloud.runbeam.wgagent.app.probe.ProbeResults;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Shows the tunnels to Prometheus: each scrape takes one snapshot of each device and reads
 * everything from it, so that the figures of one scrape belong together, and peers come and go
 * without being registered. (A Micrometer meter per peer and figure would take ten snapshots of a
 * device per peer, and some kilobytes of memory each.)
 *
 * <p>Names and public keys are labels; secrets are not even in the snapshots. The number of series
 * is bounded whatever the number of peers: those beyond the limit count in their network's sums
 * only, and how many they are is a series of its own. Any thread.
 */
public final class TunnelCollector implements MultiCollector {
  private final AgentCheckup checkup;
  private final Supplier<AgentCounts> counts;
  private final AgentFacts facts;
  private final MetricLimits limits;
  private final ProbeResults probes;

  /**
   * A collector.
   *
   * @param checkup asked once per scrape
   * @param counts asked once per scrape
   * @param facts what never changes
   * @param limits what is shown
   * @param probes what probing found
   */
  public TunnelCollector(
      AgentCheckup checkup,
      Supplier<AgentCounts> counts,
      AgentFacts facts,
      MetricLimits limits,
      ProbeResults probes) {
    this.checkup = checkup;
    this.counts = counts;
    this.facts = facts;
    this.limits = limits;
    this.probes = probes;
  }

  @Override
  public MetricSnapshots collect() {
    Map<MetricFamily, MetricFamily.Points> families = new EnumMap<>(MetricFamily.class);
    for (MetricFamily family : MetricFamily.values()) {
      if (limits.compatibility() || !family.scope().compatibility()) {
        families.put(family, family.points());
      }
    }
    Scrape scrape = new Scrape(families, limits.peers(), probes);
    AgentHealth health = checkup.look();
    scrape.add(
        MetricFamily.INFO,
        Labels.of(
            "version", LabelText.of(facts.version()),
            "java", LabelText.of(facts.java()),
            "aead", LabelText.of(facts.aead()),
            "platform", LabelText.of(facts.platform())),
        1);
    scrape.add(MetricFamily.HEALTH, Labels.EMPTY, Scrape.severity(health.verdict()));
    AgentCounts now = counts.get();
    scrape.add(MetricFamily.CLOCK_JUMPS, Labels.EMPTY, now.clockJumps());
    scrape.add(MetricFamily.LOG_LEFT_OUT, Labels.EMPTY, now.logLinesLeftOut());
    health.networks().forEach(scrape::network);
    MetricSnapshots.Builder result = MetricSnapshots.builder();
    for (MetricFamily.Points points : families.values()) {
      MetricSnapshot snapshot = points.snapshot();
      if (snapshot != null) {
        result.metricSnapshot(snapshot);
      }
    }
    return result.build();
  }
}
