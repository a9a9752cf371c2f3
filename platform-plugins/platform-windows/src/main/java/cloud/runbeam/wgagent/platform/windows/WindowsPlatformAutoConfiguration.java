package cloud.runbeam.wgagent.platform.windows;

import cloud.runbeam.wgagent.platform.api.OperatingSystem;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import cloud.runbeam.wgagent.platform.api.spring.ConditionalOnOperatingSystem;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Offers {@link WindowsPlatform} where the process runs on Windows. */
@AutoConfiguration
@ConditionalOnOperatingSystem(OperatingSystem.WINDOWS)
public final class WindowsPlatformAutoConfiguration {
  @Bean
  @ConditionalOnMissingBean
  PlatformPlugin windowsPlatform() {
    return new WindowsPlatform();
  }
}
