package cloud.runbeam.wgagent.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import cloud.runbeam.wgagent.platform.api.PlatformProbe;
import cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

class LinuxPlatformTest {
  private final LinuxPlatform platform = new LinuxPlatform();

  @Test
  void isFoundByServiceLoader() {
    assertThat(ServiceLoader.load(PlatformPlugin.class))
        .singleElement()
        .isInstanceOf(LinuxPlatform.class)
        .extracting(PlatformPlugin::name)
        .isEqualTo("linux");
  }

  @Test
  void isFoundBySpring() throws IOException {
    String imports =
        "META-INF/spring/org.springframework.boot.autoconfigure.AutoConfiguration.imports";
    ClassLoader loader = LinuxPlatformTest.class.getClassLoader();
    try (InputStream file = loader.getResourceAsStream(imports)) {
      assertThat(file).isNotNull();
      String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(text.strip()).isEqualTo(LinuxPlatformAutoConfiguration.class.getName());
    }
    try (var context =
        new AnnotationConfigApplicationContext(LinuxPlatformAutoConfiguration.class)) {
      assertThat(context.getBean(PlatformPlugin.class)).isInstanceOf(LinuxPlatform.class);
    }
  }

  @Test
  @Tag("root")
  void isUsableHere() {
    PlatformProbe probe = platform.probe();
    assertThat(probe.reasons()).as("run as root").isNotNull();
    assertThat(probe.usable()).as("%s", probe.reasons()).isTrue();
    assertThat(platform.privileges().canAdministerNetwork()).isTrue();
    assertThat(platform.privileges().currentUser()).isEqualTo("0");
  }

  @Test
  @Tag("root")
  void handsOutEverythingATunnelNeeds() throws Exception {
    try (PrivateNetwork network = new PrivateNetwork();
        TunDevice tun = network.call(() -> platform.createTun("wgt0", 1420));
        UdpTransport udp = network.call(() -> platform.udp().open(0, 0))) {
      network.run(() -> platform.interfaces().setUp("wgt0", true));
      assertThat(tun.name()).isEqualTo("wgt0");
      assertThat(tun.mtuBytes()).isEqualTo(1420);
      assertThat(udp.localPort()).isPositive();
      assertThat(platform.routes()).isNotNull();
    }
  }

  @Test
  void tellsTheTimeOfDay() {
    assertThat(platform.wallClock().now()).isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
  }
}
