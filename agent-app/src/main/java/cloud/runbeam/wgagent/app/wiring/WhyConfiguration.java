package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.control.method.WhyMethod;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import cloud.runbeam.wgagent.app.why.Why;
import cloud.runbeam.wgagent.platform.api.HostFacts;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The method that explains what becomes of a packet. */
@Configuration(proxyBeanMethods = false)
class WhyConfiguration {
  @Bean
  WhyMethod whyMethod(TunnelService tunnels, ObjectProvider<PlatformPlugin> platforms) {
    HostFacts facts =
        Optional.ofNullable(platforms.getIfAvailable())
            .map(PlatformPlugin::facts)
            .orElse(HostFacts.NONE);
    return new WhyMethod(tunnels, new Why(facts));
  }
}
