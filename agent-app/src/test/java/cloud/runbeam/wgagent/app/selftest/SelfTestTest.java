package cloud.runbeam.wgagent.app.selftest;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.device.InstalledPlatform;
import cloud.runbeam.wgagent.app.selftest.CheckResult.Verdict;
import cloud.runbeam.wgagent.app.selftest.MemoryWire.Conditions;
import cloud.runbeam.wgagent.client.JsonSyntaxException;
import cloud.runbeam.wgagent.client.JsonValue;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SelfTestTest {
  private static final long SEED = 20_261_123;

  @Test
  void passesOnThisMachineWithEveryCheckOfCryptographyAndTunnel() throws PlatformException {
    SelfTestReport report = new SelfTest(InstalledPlatform.find(), Map.of(), SEED).run();

    assertThat(report.results())
        .filteredOn(result -> result.verdict() == Verdict.FAILED)
        .as("seed " + SEED)
        .isEmpty();
    assertThat(report.passed()).isTrue();
    assertThat(report.results())
        .filteredOn(result -> result.group().equals("tunnel"))
        .allSatisfy(result -> assertThat(result.verdict()).isEqualTo(Verdict.PASSED))
        .extracting(CheckResult::name)
        .contains(
            "handshake",
            "data both ways",
            "loss",
            "reordering",
            "duplicates",
            "rekey",
            "key rotation",
            "replay refused",
            "wrong preshared key",
            "wrong public key",
            "unknown peer refused");
    assertThat(report.results())
        .filteredOn(result -> result.group().equals("cryptography"))
        .hasSizeGreaterThanOrEqualTo(10);
    assertThat(report.results()).extracting(CheckResult::group).contains("host");
    assertThat(SelfTestTable.of(report) + report.toJson().toIndentedJson())
        .as("nothing that may be a key")
        .doesNotContainPattern("[A-Za-z0-9+/]{42}")
        .doesNotContainPattern("[0-9a-fA-F]{64}");
  }

  @Test
  void aCheckThatFailsIsToldAndKeepsNoOtherFromRunning() {
    CheckRun run = new CheckRun();
    run.require(
        "tunnel",
        "broken",
        () -> {
          throw new CheckFailedException("the packet did not come out");
        });
    run.require(
        "tunnel",
        "worse",
        () -> {
          throw new IllegalStateException("unheard of");
        });
    run.prefer(
        "host",
        "missing",
        () -> {
          throw new CheckFailedException("not found");
        });
    run.require("host", "sound", () -> "as it should be");

    SelfTestReport report = new SelfTestReport(SEED, run.results());
    assertThat(report.results())
        .extracting(CheckResult::verdict)
        .containsExactly(Verdict.FAILED, Verdict.FAILED, Verdict.LIMITED, Verdict.PASSED);
    assertThat(report.passed()).isFalse();
    assertThat(SelfTestTable.of(report))
        .contains("failed   broken", "the packet did not come out", "unheard of")
        .contains("1 passed, 1 limited, 2 failed (seed " + SEED + ")");
  }

  @Test
  void aTunnelWhoseNetworkLosesEverythingDoesNotPass() throws Exception {
    try (TestTunnel tunnel = TestTunnel.open(InstalledPlatform.find(), SEED)) {
      tunnel.carries(tunnel.near, tunnel.far, 10);
      assertThat(tunnel.flight(100, new Conditions(1, 0, 0)).lost()).isEqualTo(100);
      assertThat(tunnel.far.received()).isEmpty();
      assertThat(tunnel.far.drops(DropReason.REPLAYED_COUNTER)).isZero();
    }
  }

  @Test
  void theTableFitsEightyColumns() {
    SelfTestReport report =
        new SelfTestReport(
            SEED,
            List.of(
                new CheckResult(
                    "host",
                    "offload udp_receive",
                    Verdict.LIMITED,
                    "off: setsockopt(UDP_GRO): ENOPROTOOPT (protocol not available): the kernel"
                        + " is older than 5.0",
                    1)));
    assertThat(SelfTestTable.of(report).lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
  }

  @Test
  void theJsonHasEveryResult() throws JsonSyntaxException {
    SelfTestReport report =
        new SelfTestReport(
            SEED, List.of(new CheckResult("tunnel", "loss", Verdict.PASSED, "42 of 400", 12)));

    JsonObject json = (JsonObject) JsonValue.parse(report.toJson().toIndentedJson());

    assertThat(json.bool("passed")).hasValue(true);
    assertThat(json.integer("seed")).hasValue(SEED);
    JsonObject check = json.objects("checks").getFirst();
    assertThat(check.text("group")).hasValue("tunnel");
    assertThat(check.text("check")).hasValue("loss");
    assertThat(check.text("verdict")).hasValue("passed");
    assertThat(check.text("reason")).hasValue("42 of 400");
    assertThat(check.integer("took_ms")).hasValue(12L);
  }
}
