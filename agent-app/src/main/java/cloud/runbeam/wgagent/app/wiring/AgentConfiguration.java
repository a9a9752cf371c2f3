package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.AgentSettings;
import cloud.runbeam.wgagent.app.config.KeyReader;
import cloud.runbeam.wgagent.app.health.HealthJudge;
import cloud.runbeam.wgagent.app.health.TunnelHealthIndicator;
import cloud.runbeam.wgagent.app.metrics.TunnelCollector;
import cloud.runbeam.wgagent.app.state.FileTimestampStore;
import cloud.runbeam.wgagent.app.tunnel.DeviceSockets;
import cloud.runbeam.wgagent.app.tunnel.TunnelPorts;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import cloud.runbeam.wgagent.app.uapi.UapiListener;
import cloud.runbeam.wgagent.engine.EnginePorts;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.engine.uapi.UapiSession;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
@Import(ControlConfiguration.class)
class AgentConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(AgentConfiguration.class);

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
  TunnelService tunnelService(
      AgentConfig config,
      ObjectProvider<PlatformPlugin> platforms,
      WireGuardEngine engine,
      DeviceSockets sockets,
      KeyReader keys) {
    return new TunnelService(
        config.networks(),
        new TunnelPorts(
            platform(platforms),
            engine,
            sockets,
            host -> List.of(InetAddress.getAllByName(host)),
            keys,
            new SystemPatience(),
            Thread::startVirtualThread));
  }

  @Bean
  DeviceSockets deviceSockets() {
    return device ->
        UapiListener.open(
                UapiListener.DIRECTORY,
                device.interfaceName(),
                (in, out) -> new UapiSession(device, LOG::warn).serve(in, out))
            ::close;
  }

  @Bean
  KeyReader keyReader() {
    return new KeyReader(System.getenv());
  }

  @Bean
  TunnelLifecycle tunnelLifecycle(
      AgentConfig config,
      ObjectProvider<PlatformPlugin> platforms,
      WireGuardEngine engine,
      TunnelService tunnels) {
    return new TunnelLifecycle(config, platform(platforms), engine, tunnels);
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

  /** The one that fits this machine. */
  static PlatformPlugin platform(ObjectProvider<PlatformPlugin> platforms) {
    return Optional.ofNullable(platforms.getIfAvailable())
        .orElseThrow(() ->
            new AgentStartException(
                "this build has no plugin for "
                    + System.getProperty("os.name")
                    + ": run wg-agent on Linux, macOS or Windows"));
  }
}
