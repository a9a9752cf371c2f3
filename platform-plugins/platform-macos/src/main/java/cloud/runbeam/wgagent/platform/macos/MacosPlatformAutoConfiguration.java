package cloud.runbeam.wgagent.platform.macos;

import cloud.runbeam.wgagent.platform.api.OperatingSystem;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import cloud.runbeam.wgagent.platform.api.spring.ConditionalOnOperatingSystem;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Offers {@link MacosPlatform} where the process runs on macOS. */
@AutoConfiguration
@ConditionalOnOperatingSystem(OperatingSystem.MACOS)
public final class MacosPlatformAutoConfiguration {
  @Bean
  @ConditionalOnMissingBean
  PlatformPlugin macosPlatform() {
    return new MacosPlatform();
  }
}
