package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.AgentSettings;
import cloud.runbeam.wgagent.app.health.AgentCheckup;
import cloud.runbeam.wgagent.app.health.EngineHealthIndicator;
import cloud.runbeam.wgagent.app.health.TunnelHealthIndicator;
import cloud.runbeam.wgagent.app.http.HealthzServlet;
import cloud.runbeam.wgagent.app.http.HostNames;
import cloud.runbeam.wgagent.app.http.HttpGuard;
import cloud.runbeam.wgagent.app.http.MetricsServlet;
import cloud.runbeam.wgagent.app.logging.LogCounts;
import cloud.runbeam.wgagent.app.metrics.AgentCounts;
import cloud.runbeam.wgagent.app.metrics.AgentFacts;
import cloud.runbeam.wgagent.app.metrics.MetricLimits;
import cloud.runbeam.wgagent.app.metrics.RequestMetrics;
import cloud.runbeam.wgagent.app.metrics.TunnelCollector;
import cloud.runbeam.wgagent.app.probe.ProbeResults;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import io.micrometer.core.instrument.MeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.validation.Errors;
import org.springframework.validation.Validator;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Health and metrics over HTTP: a context of its own below that of {@link AgentConfiguration},
 * started once the tunnels are up. Only here may Spring Boot configure by itself; whatever needs
 * Actuator, Micrometer or the web server belongs here.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
class HttpConfiguration {
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
      LogCounts log,
      ProbeResults probes,
      PrometheusRegistry registry) {
    TunnelCollector collector =
        new TunnelCollector(
            checkup,
            () -> new AgentCounts(engine.clock().jumps(), log.leftOut()),
            new AgentFacts(
                AgentApplication.version(),
                Runtime.version().toString(),
                engine.aeadName(),
                AgentConfiguration.platform(platforms).name()),
            new MetricLimits(settings.metrics().peerLimit(), settings.metrics().compatibility()),
            probes);
    registry.register(collector);
    return collector;
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

  @Bean
  ServletRegistrationBean<HealthzServlet> healthzServlet(AgentCheckup checkup) {
    return new ServletRegistrationBean<>(new HealthzServlet(checkup::look), "/healthz");
  }

  @Bean
  ServletRegistrationBean<MetricsServlet> metricsServlet() {
    return new ServletRegistrationBean<>(new MetricsServlet(), "/metrics");
  }

  /** From now on control requests are counted, too. */
  @Bean
  RequestMetrics requestMetrics(MeterRegistry registry, LateRequestObserver observer) {
    RequestMetrics metrics = new RequestMetrics(registry);
    observer.use(metrics);
    return metrics;
  }

  /** Nothing that comes in over HTTP has a body; Hibernate Validator would cost 450 classes. */
  @Bean
  WebMvcConfigurer withoutValidation() {
    return new WebMvcConfigurer() {
      @Override
      public Validator getValidator() {
        return new NoOpValidator();
      }
    };
  }

  private static final class NoOpValidator implements Validator {
    @Override
    public boolean supports(Class<?> type) {
      return false;
    }

    @Override
    public void validate(Object target, Errors errors) {}
  }
}
