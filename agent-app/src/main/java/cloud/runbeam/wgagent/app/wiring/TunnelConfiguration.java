package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.AgentSettings;
import cloud.runbeam.wgagent.app.config.ConfigLoader;
import cloud.runbeam.wgagent.app.config.KeyReader;
import cloud.runbeam.wgagent.app.config.NetworkToml;
import cloud.runbeam.wgagent.app.flight.FlightEvents;
import cloud.runbeam.wgagent.app.host.HostNetworks;
import cloud.runbeam.wgagent.app.rotation.RotationPorts;
import cloud.runbeam.wgagent.app.rotation.RotationStore;
import cloud.runbeam.wgagent.app.state.NetworkFiles;
import cloud.runbeam.wgagent.app.tracing.Tracing;
import cloud.runbeam.wgagent.app.tunnel.ConfirmedApply;
import cloud.runbeam.wgagent.app.tunnel.DeviceSockets;
import cloud.runbeam.wgagent.app.tunnel.Reloader;
import cloud.runbeam.wgagent.app.tunnel.TunnelPorts;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import cloud.runbeam.wgagent.app.uapi.UapiListener;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.engine.uapi.UapiSession;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.net.InetAddress;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Networks: what brings them up, changes them and keeps them. */
@Configuration(proxyBeanMethods = false)
class TunnelConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(TunnelConfiguration.class);

  @Bean
  TunnelService tunnelService(
      AgentConfig config,
      ObjectProvider<PlatformPlugin> platforms,
      WireGuardEngine engine,
      DeviceSockets sockets,
      KeyReader keys,
      HostNetworks host,
      NetworkFiles files,
      KeptNetworks kept,
      AgentSettings settings,
      Tracing tracing,
      FlightEvents flight) {
    PlatformPlugin platform = AgentConfiguration.platform(platforms);
    TunnelService tunnels =
        new TunnelService(
            config.networks(),
            kept.networks(),
            new TunnelPorts(
                tracing.platform().apply(platform),
                engine,
                sockets,
                name -> List.of(InetAddress.getAllByName(name)),
                keys,
                new SystemPatience(),
                Thread::startVirtualThread,
                new LookupThreads(),
                host,
                files,
                new RotationPorts(
                    new RotationStore(settings.stateDir()),
                    engine.keys(),
                    platform.entropy(),
                    platform.wallClock())));
    tunnels.events().witness(flight.andThen(tracing.events()));
    return tunnels;
  }

  @Bean
  NetworkFiles networkFiles(AgentSettings settings, ConfigLoader loader) {
    return new NetworkFiles(
        settings.stateDir(),
        network -> NetworkToml.write(network, "Kept by wg-agent for its control API; do not edit."),
        loader);
  }

  @Bean
  KeptNetworks keptNetworks(NetworkFiles files) {
    return new KeptNetworks(files.load());
  }

  @Bean
  ConfigLoader configLoader() {
    return new ConfigLoader(System.getenv());
  }

  @Bean
  Reloader reloader(AgentConfig config, ConfigLoader loader, TunnelService tunnels) {
    return new Reloader(config, loader, tunnels);
  }

  @Bean
  ConfirmedApply confirmedApply(TunnelService tunnels, ObjectProvider<PlatformPlugin> platforms) {
    return new ConfirmedApply(tunnels, AgentConfiguration.platform(platforms).monotonicClock());
  }

  @Bean
  FileReload fileReload(Reloader reloader, ObjectProvider<PlatformPlugin> platforms) {
    return new FileReload(reloader, AgentConfiguration.platform(platforms).serviceNotifier());
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
      TunnelService tunnels,
      ConfirmedApply confirmed,
      FileReload reload) {
    PlatformPlugin platform = AgentConfiguration.platform(platforms);
    return new TunnelLifecycle(
        config,
        platform,
        engine,
        tunnels,
        new TunnelPulse(tunnels, confirmed, platform.networkMonitor()),
        reload);
  }
}
