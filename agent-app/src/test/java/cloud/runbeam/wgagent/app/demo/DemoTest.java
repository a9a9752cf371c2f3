package cloud.runbeam.wgagent.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.command.ByteCount;
import cloud.runbeam.wgagent.app.device.InstalledPlatform;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The demonstration in memory, over this machine's loopback. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the only plugin with UDP sockets so far")
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class DemoTest {
  private static final Duration LONG = Duration.ofSeconds(10);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void onceProvesTrafficInBothDirections() throws Exception {
    Demo demo =
        new Demo(
            InstalledPlatform.find(),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));

    assertThat(demo.once(true)).as(err.toString(StandardCharsets.UTF_8)).isZero();

    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("in memory", "198.18.53.1/30", "Proven", "IPv4 and IPv6");
  }

  @Test
  void anEchoIsNotAnsweredOnceThePeerIsGone() throws Exception {
    DemoTunnel gone;
    try (DemoTunnel tunnel = DemoTunnel.open(InstalledPlatform.find(), true)) {
      assertThat(EchoRound.run(tunnel.probe(), tunnel.addresses(), LONG).complete()).isTrue();
      gone = tunnel;
    }

    EchoRound after = EchoRound.run(gone.probe(), gone.addresses(), Duration.ofMillis(50));

    assertThat(after.complete()).isFalse();
    assertThat(after.missing()).contains("ICMP echo over IPv4", "UDP echo over IPv6");
  }

  @Test
  void theHealthPageTellsWhetherThereIsASession() throws Exception {
    DemoTunnel gone;
    try (DemoTunnel tunnel = DemoTunnel.open(InstalledPlatform.find(), true);
        HealthPage page = new HealthPage(tunnel::nearSnapshot)) {
      EchoRound.run(tunnel.probe(), tunnel.addresses(), LONG);
      HttpResponse<String> answer = get(page);

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).contains("\"status\":\"UP\"", "\"interface\":\"wg-demo0\"");
      gone = tunnel;
    }
    try (HealthPage page = new HealthPage(gone::nearSnapshot)) {
      HttpResponse<String> answer = get(page);

      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).contains("\"status\":\"DOWN\"");
    }
  }

  private static HttpResponse<String> get(HealthPage page) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create(page.url())).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  void theTableHasARowForEachLook() throws Exception {
    try (DemoTunnel tunnel = DemoTunnel.open(InstalledPlatform.find(), true)) {
      EchoRound round = EchoRound.run(tunnel.probe(), tunnel.addresses(), LONG);
      DemoTable table = new DemoTable(new PrintStream(out, true, StandardCharsets.UTF_8));

      table.row(Duration.ofSeconds(3), tunnel.farPeer().orElseThrow(), round);
      table.row(Duration.ofSeconds(4), tunnel.farPeer().orElseThrow(), round);

      assertThat(out.toString(StandardCharsets.UTF_8))
          .containsOnlyOnce("handshake")
          .contains("    3 s ", "    4 s ", " s ago", " ms ", " B ");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0,0 B",
    "1023,1023 B",
    "1024,1.0 KiB",
    "1536,1.5 KiB",
    "1048576,1.0 MiB",
    "5368709120,5.0 GiB"
  })
  void amountsAreReadable(long bytes, String text) {
    assertThat(ByteCount.text(bytes)).isEqualTo(text);
  }
}
