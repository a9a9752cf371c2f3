package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.AgentSettings;
import cloud.runbeam.wgagent.app.control.rpc.RequestObserver;
import cloud.runbeam.wgagent.app.flight.FlightEvents;
import cloud.runbeam.wgagent.app.health.AgentCheckup;
import cloud.runbeam.wgagent.app.health.ClockProblem;
import cloud.runbeam.wgagent.app.health.HealthJudge;
import cloud.runbeam.wgagent.app.health.HealthWatch;
import cloud.runbeam.wgagent.app.health.ProblemSource;
import cloud.runbeam.wgagent.app.history.LinkHistory;
import cloud.runbeam.wgagent.app.probe.ProbeResults;
import cloud.runbeam.wgagent.app.tracing.Tracing;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.engine.io.WallClock;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What operators look at, as far as it does without HTTP: health, traces. */
@Configuration(proxyBeanMethods = false)
class ObservabilityConfiguration {
  @Bean
  HealthJudge healthJudge(ObjectProvider<PlatformPlugin> platforms, ProbeResults probes) {
    return new HealthJudge(AgentConfiguration.platform(platforms).wallClock(), probes);
  }

  @Bean
  AgentCheckup agentCheckup(
      TunnelService tunnels, HealthJudge judge, ObjectProvider<ProblemSource> problems) {
    return new AgentCheckup(tunnels::status, judge, problems.orderedStream().toList());
  }

  @Bean
  ProblemSource clockProblem(ObjectProvider<PlatformPlugin> platforms, WireGuardEngine engine) {
    return new ClockProblem(engine::clock, AgentConfiguration.platform(platforms).monotonicClock());
  }

  @Bean
  ProblemSource keyProtectionProblem(WireGuardEngine engine) {
    return () ->
        engine
            .keys()
            .protectionFailure()
            .map(reason -> "secret keys may be swapped out or dumped: " + reason);
  }

  @Bean
  LateRequestObserver requestObserver(Tracing tracing) {
    return new LateRequestObserver(tracing.isOn() ? tracing.requests() : RequestObserver.NONE);
  }

  @Bean
  LinkHistory linkHistory(AgentSettings settings, ProbeResults probes) {
    return new LinkHistory(settings.metrics().peerLimit(), probes);
  }

  @Bean
  ObservationLoop observationLoop(
      AgentCheckup checkup,
      TunnelService tunnels,
      LinkHistory history,
      ObjectProvider<PlatformPlugin> platforms) {
    WallClock clock = AgentConfiguration.platform(platforms).wallClock();
    return new ObservationLoop(
        new HealthWatch(checkup, tunnels.events()::publish, clock), history, clock);
  }

  @Bean
  FlightEvents flightEvents() {
    return new FlightEvents();
  }

  @Bean
  Tracing tracing(AgentSettings settings) {
    return Tracing.to(settings.tracing().endpoint(), AgentApplication.version());
  }
}
