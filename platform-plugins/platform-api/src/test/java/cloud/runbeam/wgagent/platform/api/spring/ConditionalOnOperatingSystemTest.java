package cloud.runbeam.wgagent.platform.api.spring;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.platform.api.OperatingSystem;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

class ConditionalOnOperatingSystemTest {
  @Test
  void onlyBeansOfTheCurrentSystemAreMade() {
    try (var context = new AnnotationConfigApplicationContext(Systems.class)) {
      assertThat(context.getBeansOfType(OperatingSystem.class).values())
          .containsExactlyElementsOf(
              OperatingSystem.current() == OperatingSystem.OTHER
                  ? Set.of()
                  : Set.of(OperatingSystem.current()));
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Systems {
    @Bean
    @ConditionalOnOperatingSystem(OperatingSystem.LINUX)
    OperatingSystem linux() {
      return OperatingSystem.LINUX;
    }

    @Bean
    @ConditionalOnOperatingSystem(OperatingSystem.MACOS)
    OperatingSystem macos() {
      return OperatingSystem.MACOS;
    }

    @Bean
    @ConditionalOnOperatingSystem(OperatingSystem.WINDOWS)
    OperatingSystem windows() {
      return OperatingSystem.WINDOWS;
    }
  }
}
