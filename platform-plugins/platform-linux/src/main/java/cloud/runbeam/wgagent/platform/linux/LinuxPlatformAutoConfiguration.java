package cloud.runbeam.wgagent.platform.linux;

import cloud.runbeam.wgagent.platform.api.OperatingSystem;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import cloud.runbeam.wgagent.platform.api.spring.ConditionalOnOperatingSystem;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Offers {@link LinuxPlatform} where the process runs on Linux. */
@AutoConfiguration
@ConditionalOnOperatingSystem(OperatingSystem.LINUX)
public final class LinuxPlatformAutoConfiguration {
  @Bean
  @ConditionalOnMissingBean
  PlatformPlugin linuxPlatform() {
    return new LinuxPlatform();
  }
}
