package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.AgentSettings;
import cloud.runbeam.wgagent.app.control.ControlLimits;
import cloud.runbeam.wgagent.app.control.SystemDeadlines;
import cloud.runbeam.wgagent.app.control.method.ConnectMethod;
import cloud.runbeam.wgagent.app.control.method.DisconnectMethod;
import cloud.runbeam.wgagent.app.control.method.ListMethod;
import cloud.runbeam.wgagent.app.control.method.PingMethod;
import cloud.runbeam.wgagent.app.control.method.StatusMethod;
import cloud.runbeam.wgagent.app.control.method.VersionMethod;
import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.Dispatcher;
import cloud.runbeam.wgagent.app.control.rpc.JsonCodec;
import cloud.runbeam.wgagent.app.control.rpc.JsonRpcDialect;
import cloud.runbeam.wgagent.app.control.rpc.MethodTable;
import cloud.runbeam.wgagent.app.health.HealthJudge;
import cloud.runbeam.wgagent.app.health.TunnelHealthIndicator;
import cloud.runbeam.wgagent.app.metrics.TunnelCollector;
import cloud.runbeam.wgagent.app.state.FileTimestampStore;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import cloud.runbeam.wgagent.engine.EnginePorts;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * The beans of the agent. The platform is not among them: whichever fits this machine brings
 * itself.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties(AgentSettings.class)
@Import({HostConfiguration.class, TunnelConfiguration.class, WhyConfiguration.class, ProbeConfiguration.class})
class AgentConfiguration {
  @Bean(destroyMethod = "close")
  WireGuardEngine engine(ObjectProvider<PlatformPlugin> platforms, AgentSettings settings) {
    PlatformPlugin platform = platform(platforms);
    return WireGuardEngine.start(
        new EnginePorts(
            platform.udp(),
            platform.monotonicClock(),
            platform.wallClock(),
            platform.entropy(),
            platform.memoryGuard(),
            new FileTimestampStore(settings.stateDir())));
  }

  @Bean
  HealthJudge healthJudge(ObjectProvider<PlatformPlugin> platforms) {
    return new HealthJudge(platform(platforms).wallClock());
  }

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

  @Bean
  ControlLimits controlLimits() {
    return ControlLimits.standard();
  }

  @Bean(destroyMethod = "close")
  SystemDeadlines controlDeadlines() {
    return new SystemDeadlines();
  }

  @Bean
  Dispatcher controlDispatcher(List<ControlMethod> methods, ControlLimits limits) {
    JsonCodec codec = new JsonCodec(limits.maxLineBytes());
    return new Dispatcher(codec, List.of(new JsonRpcDialect(new MethodTable(methods, codec))));
  }

  @Bean
  ControlLifecycle controlLifecycle(
      AgentSettings settings,
      Dispatcher dispatcher,
      ControlLimits limits,
      SystemDeadlines deadlines) {
    return new ControlLifecycle(settings, dispatcher, limits, deadlines);
  }

  @Bean
  StatusMethod statusMethod(TunnelService tunnels, HealthJudge judge) {
    return new StatusMethod(tunnels, judge);
  }

  @Bean
  ListMethod listMethod(TunnelService tunnels) {
    return new ListMethod(tunnels);
  }

  @Bean
  ConnectMethod connectMethod(TunnelService tunnels) {
    return new ConnectMethod(tunnels);
  }

  @Bean
  DisconnectMethod disconnectMethod(TunnelService tunnels) {
    return new DisconnectMethod(tunnels);
  }

  @Bean
  PingMethod pingMethod() {
    return new PingMethod();
  }

  @Bean
  VersionMethod versionMethod(ObjectProvider<PlatformPlugin> platforms, WireGuardEngine engine) {
    return new VersionMethod(
        new VersionMethod.Version(
            AgentApplication.version(),
            Runtime.version().toString(),
            platform(platforms).name(),
            System.getProperty("os.name") + " " + System.getProperty("os.version"),
            engine.aeadName(),
            platform(platforms).offloads()));
  }

  static PlatformPlugin platform(ObjectProvider<PlatformPlugin> platforms) {
    return Optional.ofNullable(platforms.getIfAvailable())
        .orElseThrow(() ->
            new AgentStartException(
                "this build has no plugin for "
                    + System.getProperty("os.name")
                    + ": run wg-agent on Linux, macOS or Windows"));
  }
}
