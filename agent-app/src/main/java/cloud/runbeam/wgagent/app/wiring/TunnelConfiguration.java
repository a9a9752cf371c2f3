package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.KeyReader;
import cloud.runbeam.wgagent.app.flight.FlightEvents;
import cloud.runbeam.wgagent.app.host.HostNetworks;
import cloud.runbeam.wgagent.app.tracing.Tracing;
import cloud.runbeam.wgagent.app.tunnel.DeviceSockets;
import cloud.runbeam.wgagent.app.tunnel.NetworkStore;
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
      Tracing tracing,
      FlightEvents flight) {
    TunnelService tunnels =
        new TunnelService(
            config.networks(),
            new TunnelPorts(
                tracing.platform().apply(AgentConfiguration.platform(platforms)),
                engine,
                sockets,
                name -> List.of(InetAddress.getAllByName(name)),
                keys,
                new SystemPatience(),
                Thread::startVirtualThread,
                new LookupThreads(),
                host,
                NetworkStore.NONE));
    tunnels.events().witness(flight.andThen(tracing.events()));
    return tunnels;
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
    return new TunnelLifecycle(config, AgentConfiguration.platform(platforms), engine, tunnels);
  }
}
