package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.health.HealthJudge;
import cloud.runbeam.wgagent.app.health.TunnelHealthIndicator;
import cloud.runbeam.wgagent.app.metrics.TunnelCollector;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
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
  TunnelHealthIndicator tunnelsHealthIndicator(
      TunnelService tunnels, HealthJudge judge, WireGuardEngine engine) {
    return new TunnelHealthIndicator(tunnels::status, judge, engine::clock);
  }

  @Bean
  TunnelCollector tunnelCollector(TunnelService tunnels, PrometheusRegistry registry) {
    TunnelCollector collector = new TunnelCollector(tunnels::status);
    registry.register(collector);
    return collector;
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
