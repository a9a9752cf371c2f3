package cloud.runbeam.wgagent.platform.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatingSystemTest {
  @ParameterizedTest
  @CsvSource({
    "Linux,LINUX",
    "Mac OS X,MACOS",
    "Darwin,MACOS",
    "Windows 11,WINDOWS",
    "Windows Server 2025,WINDOWS",
    "FreeBSD,OTHER",
    "'',OTHER",
  })
  void knowsWhatJavaCallsThem(String osName, OperatingSystem system) {
    assertThat(OperatingSystem.of(osName)).isEqualTo(system);
  }
}
