package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.AgentSettings;
import cloud.runbeam.wgagent.app.config.KeyReader;
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
import cloud.runbeam.wgagent.app.state.FileTimestampStore;
import cloud.runbeam.wgagent.app.tunnel.DeviceSockets;
import cloud.runbeam.wgagent.app.tunnel.TunnelPorts;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import cloud.runbeam.wgagent.app.uapi.UapiListener;
import cloud.runbeam.wgagent.engine.EnginePorts;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.engine.uapi.UapiSession;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import cloud.runbeam.wgagent.platform.api.spring.EnablePlatform;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
@Import(ServiceConfiguration.class)
@EnableConfigurationProperties(AgentSettings.class)
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

  private static PlatformPlugin platform(ObjectProvider<PlatformPlugin> platforms) {
    return Optional.ofNullable(platforms.getIfAvailable())
        .orElseThrow(() ->
            new AgentStartException(
                "this build has no plugin for "
                    + System.getProperty("os.name")
                    + ": run wg-agent on Linux, macOS or Windows"));
  }
}
