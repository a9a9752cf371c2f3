package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.probe.ProbeAgent;
import cloud.runbeam.wgagent.app.tunnel.Topic;
import cloud.runbeam.wgagent.app.tunnel.TunnelEvent;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.util.Map;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Probing inside tunnels. */
@Configuration(proxyBeanMethods = false)
class ProbeConfiguration {
  @Bean
  ProbeAgent probeAgent(TunnelService tunnels, ObjectProvider<PlatformPlugin> platforms) {
    PlatformPlugin platform = AgentConfiguration.platform(platforms);
    return new ProbeAgent(
        tunnels::status,
        platform.echoes(),
        platform.routes(),
        platform.monotonicClock(),
        (network, peer, mtuBytes) ->
            tunnels
                .events()
                .publish(
                    new TunnelEvent(
                        Topic.HEALTH,
                        network,
                        Optional.of(peer),
                        platform.wallClock().now(),
                        mtuBytes == 0
                            ? Map.of("black_hole", false)
                            : Map.of("black_hole", true, "path_mtu", mtuBytes))));
  }

  @Bean
  ProbeLifecycle probeLifecycle(ProbeAgent agent, TunnelService tunnels) {
    return new ProbeLifecycle(agent, tunnels.events());
  }
}
