package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.AgentSettings;
import cloud.runbeam.wgagent.app.state.FileTimestampStore;
import cloud.runbeam.wgagent.engine.EnginePorts;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import cloud.runbeam.wgagent.platform.api.spring.EnablePlatform;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * The beans of the agent, without what watches it over HTTP ({@link HttpConfiguration}). The
 * platform is not among them: whichever fits this machine brings itself.
 */
@Configuration(proxyBeanMethods = false)
@EnablePlatform
@EnableConfigurationProperties(AgentSettings.class)
@Import({
  HostConfiguration.class,
  TunnelConfiguration.class,
  WhyConfiguration.class,
  ProbeConfiguration.class,
  ControlConfiguration.class,
  ObservabilityConfiguration.class,
  DiagnosticsConfiguration.class,
  ServiceConfiguration.class
})
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
