package cloud.runbeam.wgagent.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.bench.BenchReport.AeadFigure;
import cloud.runbeam.wgagent.app.bench.BenchReport.Crossing;
import cloud.runbeam.wgagent.app.bench.BenchReport.PathFigure;
import cloud.runbeam.wgagent.app.device.InstalledPlatform;
import cloud.runbeam.wgagent.client.JsonSyntaxException;
import cloud.runbeam.wgagent.client.JsonValue;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import cloud.runbeam.wgagent.engine.crypto.AeadProviders;
import cloud.runbeam.wgagent.engine.io.OffloadState;
import cloud.runbeam.wgagent.engine.memory.PacketArena;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchTest {
  private static final BenchReport EXAMPLE =
      new BenchReport(
          "Linux 6.18.44-some-quite-long-build-name amd64, 2 processors, Java 25.0.3+9-LTS-some",
          2,
          List.of(
              new AeadFigure("intrinsics", true, 1420, 651.04, 672.5),
              new AeadFigure("jce", false, 64, 612.5, 640.25)),
          6_543.4,
          List.of(
              new PathFigure("packets", 4.56789, 410_123.4, 2.5, 0.4, 0),
              new PathFigure("super_packets", 6.5, 588_000, 1.75, 12.25, 1_392)),
          new Crossing(41.25, 180.5),
          List.of(
              new OffloadState(OffloadState.TUN, true, "TCP and UDP super-packets"),
              new OffloadState(
                  OffloadState.UDP_SEND,
                  false,
                  "sendmmsg with UDP_SEGMENT: EIO (input/output error), which the driver of the"
                      + " network card answers when it cannot checksum what it is to cut")));

  @Test
  void measuresTheEngineAndLeavesNothingOpen() throws Exception {
    int arenas = PacketArena.openArenas();

    BenchReport report = new Bench(InstalledPlatform.find(), Duration.ofMillis(600)).run();

    assertThat(report.aead()).extracting(AeadFigure::bytes).contains(1420, 64);
    assertThat(report.aead())
        .filteredOn(AeadFigure::inUse)
        .extracting(AeadFigure::provider)
        .containsOnly(AeadProviders.best().name());
    assertThat(report.aead())
        .allSatisfy(figure -> {
          assertThat(figure.sealNs()).isPositive();
          assertThat(figure.openNs()).isPositive();
        });
    assertThat(report.handshakesPerSecond()).isPositive();
    assertThat(report.paths())
        .extracting(PathFigure::frames)
        .containsExactly("packets", "super_packets");
    assertThat(report.paths())
        .allSatisfy(figure -> {
          assertThat(figure.gbitsPerSecond()).isPositive();
          assertThat(figure.packetsPerSecond()).isGreaterThan(100);
        });
    assertThat(report.crossing().p99Us()).isGreaterThanOrEqualTo(report.crossing().medianUs());
    assertThat(report.offloads())
        .extracting(OffloadState::kind)
        .containsExactlyInAnyOrder("tun", "udp_receive", "udp_send");
    assertThat(PacketArena.openArenas()).isEqualTo(arenas);
  }

  @Test
  void theTableFitsEightyColumns() {
    String table = BenchTable.of(EXAMPLE);

    assertThat(table.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    assertThat(table)
        .contains("intrinsics (in use)", "jce", "super-packets", "4.57", "6543 /s", "41 us median")
        .contains("  tun           on: TCP and UDP super-packets\n")
        .contains("  udp_send      off: sendmmsg with UDP_SEGMENT: EIO (input/output error),");
  }

  @Test
  void theJsonHasEveryFigure() throws JsonSyntaxException {
    JsonObject json = (JsonObject) JsonValue.parse(EXAMPLE.toJson().toIndentedJson());

    assertThat(json.text("host")).hasValue(EXAMPLE.host());
    assertThat(json.integer("processors")).hasValue(2L);
    assertThat(json.number("handshakes_per_second")).hasValue(6_543.0);
    JsonObject aead = json.objects("aead").getFirst();
    assertThat(aead.text("provider")).hasValue("intrinsics");
    assertThat(aead.bool("in_use")).hasValue(true);
    assertThat(aead.integer("bytes")).hasValue(1_420L);
    assertThat(aead.number("seal_ns")).hasValue(651.0);
    assertThat(aead.number("open_ns")).hasValue(672.5);
    JsonObject path = json.objects("paths").getLast();
    assertThat(path.text("frames")).hasValue("super_packets");
    assertThat(path.number("gbits_per_second")).hasValue(6.5);
    assertThat(path.number("packets_per_second")).hasValue(588_000.0);
    assertThat(path.number("cpu_s_per_gb")).hasValue(1.75);
    assertThat(path.number("garbage_bytes_per_packet")).hasValue(12.3);
    assertThat(path.integer("lost_bytes")).hasValue(1_392L);
    assertThat(json.object("crossing").orElseThrow().number("median_us")).hasValue(41.3);
    assertThat(json.object("crossing").orElseThrow().number("p99_us")).hasValue(180.5);
    JsonObject offload = json.objects("offloads").getFirst();
    assertThat(offload.text("kind")).hasValue("tun");
    assertThat(offload.bool("on")).hasValue(true);
    assertThat(offload.text("detail")).hasValue("TCP and UDP super-packets");
  }
}
