package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.AgentSettings;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.host.AgentLock;
import cloud.runbeam.wgagent.app.host.HostNetworks;
import cloud.runbeam.wgagent.app.host.Leftover;
import cloud.runbeam.wgagent.app.tracing.Tracing;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * What the agent changes on this machine: nothing before the lock is held and leftovers are undone.
 */
@Configuration(proxyBeanMethods = false)
class HostConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(HostConfiguration.class);

  @Bean(destroyMethod = "close")
  AgentLock agentLock(AgentSettings settings) {
    try {
      return AgentLock.acquire(settings.stateDir());
    } catch (PlatformException refused) {
      throw new AgentStartException(String.valueOf(refused.getMessage()), refused);
    }
  }

  @Bean
  HostNetworks hostNetworks(
      AgentConfig config,
      AgentSettings settings,
      ObjectProvider<PlatformPlugin> platforms,
      AgentLock lock,
      KeptNetworks kept,
      Tracing tracing) {
    LOG.debug("state directory {} is ours: {}", settings.stateDir(), lock);
    HostNetworks networks =
        HostNetworks.of(
            tracing.platform().apply(AgentConfiguration.platform(platforms)), settings.stateDir());
    for (Leftover leftover : networks.recover(keepsKillSwitch(config, kept))) {
      LOG.warn(
          "left by an agent before this one, {}: {}",
          leftover.outcome().name().toLowerCase(Locale.ROOT).replace('_', ' '),
          leftover.description());
    }
    return networks;
  }

  /**
   * Whether a network will be brought up again with a kill switch: one of the file, or one kept.
   */
  private static Predicate<String> keepsKillSwitch(AgentConfig config, KeptNetworks kept) {
    return Stream.concat(config.networks().stream(), kept.networks().stream())
            .filter(network -> network.enabled() && network.killSwitch())
            .map(NetworkConfig::name)
            .collect(Collectors.toUnmodifiableSet())
        ::contains;
  }
}
