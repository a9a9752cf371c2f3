package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import cloud.runbeam.wgagent.platform.api.ServiceNotifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What concerns the agent as a service of this machine. */
@Configuration(proxyBeanMethods = false)
class ServiceConfiguration {
  @Bean
  ServiceNotifier serviceNotifier(PlatformPlugin platform) {
    return platform.serviceNotifier();
  }

  @Bean
  WatchdogLifecycle watchdogLifecycle(ServiceNotifier serviceManager, WireGuardEngine engine) {
    return new WatchdogLifecycle(serviceManager, engine);
  }
}
