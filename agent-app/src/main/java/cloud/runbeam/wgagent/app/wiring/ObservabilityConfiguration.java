package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.AgentSettings;
import cloud.runbeam.wgagent.app.control.rpc.RequestObserver;
import cloud.runbeam.wgagent.app.flight.FlightEvents;
import cloud.runbeam.wgagent.app.health.AgentCheckup;
import cloud.runbeam.wgagent.app.health.ClockProblem;
import cloud.runbeam.wgagent.app.health.EngineHealthIndicator;
import cloud.runbeam.wgagent.app.health.HealthJudge;
import cloud.runbeam.wgagent.app.health.HealthWatch;
import cloud.runbeam.wgagent.app.health.ProblemSource;
import cloud.runbeam.wgagent.app.health.TunnelHealthIndicator;
import cloud.runbeam.wgagent.app.history.LinkHistory;
import cloud.runbeam.wgagent.app.http.HealthzServlet;
import cloud.runbeam.wgagent.app.http.HostNames;
import cloud.runbeam.wgagent.app.http.HttpGuard;
import cloud.runbeam.wgagent.app.http.MetricsServlet;
import cloud.runbeam.wgagent.app.metrics.AgentFacts;
import cloud.runbeam.wgagent.app.metrics.MetricLimits;
import cloud.runbeam.wgagent.app.metrics.RequestMetrics;
import cloud.runbeam.wgagent.app.metrics.TunnelCollector;
import cloud.runbeam.wgagent.app.tracing.Tracing;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.engine.io.WallClock;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import io.micrometer.core.instrument.MeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/** What operators look at: health, metrics, traces, and the HTTP endpoints that show them. */
@Configuration(proxyBeanMethods = false)
class ObservabilityConfiguration {
  @Bean
  HealthJudge healthJudge(ObjectProvider<PlatformPlugin> platforms) {
    return new HealthJudge(AgentConfiguration.platform(platforms).wallClock());
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
  TunnelHealthIndicator tunnelsHealthIndicator(AgentCheckup checkup, WireGuardEngine engine) {
    return new TunnelHealthIndicator(checkup, engine::clock);
  }

  @Bean
  EngineHealthIndicator engineHealthIndicator(WireGuardEngine engine) {
    return new EngineHealthIndicator(engine::isRunning);
  }

  @Bean
  TunnelCollector tunnelCollector(
      AgentCheckup checkup,
      WireGuardEngine engine,
      ObjectProvider<PlatformPlugin> platforms,
      AgentSettings settings,
      PrometheusRegistry registry) {
    TunnelCollector collector =
        new TunnelCollector(
            checkup,
            () -> engine.clock().jumps(),
            new AgentFacts(
                AgentApplication.version(),
                Runtime.version().toString(),
                engine.aeadName(),
                AgentConfiguration.platform(platforms).name()),
            new MetricLimits(settings.metrics().peerLimit(), settings.metrics().compatibility()));
    registry.register(collector);
    return collector;
  }

  @Bean
  RequestObserver requestObserver(MeterRegistry registry, Tracing tracing) {
    RequestMetrics metrics = new RequestMetrics(registry);
    return tracing.isOn() ? RequestObserver.both(tracing.requests(), metrics) : metrics;
  }

  @Bean
  LinkHistory linkHistory(AgentSettings settings) {
    return new LinkHistory(settings.metrics().peerLimit());
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

  @Bean
  FilterRegistrationBean<HttpGuard> httpGuard(AgentSettings settings) {
    FilterRegistrationBean<HttpGuard> guard =
        new FilterRegistrationBean<>(
            new HttpGuard(
                HostNames.of(settings.http().bindAddress(), settings.http().allowedHosts())));
    guard.addUrlPatterns("/*");
    guard.setOrder(Ordered.HIGHEST_PRECEDENCE);
    return guard;
  }

  /** The web server is made before there are tunnels, and asked after. */
  @Bean
  ServletRegistrationBean<HealthzServlet> healthzServlet(ObjectProvider<AgentCheckup> checkup) {
    return new ServletRegistrationBean<>(
        new HealthzServlet(() -> checkup.getObject().look()), "/healthz");
  }

  @Bean
  ServletRegistrationBean<MetricsServlet> metricsServlet() {
    return new ServletRegistrationBean<>(new MetricsServlet(), "/metrics");
  }
}
