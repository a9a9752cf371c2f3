package cloud.runbeam.wgagent.engine.uapi;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.EnginePorts;
import cloud.runbeam.wgagent.engine.WireGuardDevice;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.engine.testkit.ManualClock;
import cloud.runbeam.wgagent.engine.testkit.ScriptedTun;
import cloud.runbeam.wgagent.engine.testkit.Seed;
import cloud.runbeam.wgagent.engine.testkit.SeededEntropy;
import cloud.runbeam.wgagent.engine.testkit.ToyHost;
import cloud.runbeam.wgagent.engine.testkit.ToyNetwork;
import cloud.runbeam.wgagent.engine.testkit.UnguardedMemory;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * Whatever a client says on the configuration socket: well-formed answers, no secret left behind.
 */
class UapiSessionFuzzTest {
  private static final Pattern LINE = Pattern.compile("[a-z_]+=.*");
  private static final Pattern LAST_LINE = Pattern.compile("errno=-?\\d+");
  private static final String FORGET_ALL =
      "set=1\nprivate_key=" + "0".repeat(64) + "\nfwmark=0\nreplace_peers=true\n\n";

  private static WireGuardEngine engine;
  private static WireGuardDevice device;
  private static int keysBefore;

  @BeforeAll
  static void openDevice() throws IOException {
    ManualClock clock = new ManualClock();
    ToyHost host = new ToyNetwork(clock, Seed.random("UapiSessionFuzz")).host("192.0.2.1");
    engine =
        WireGuardEngine.start(
            new EnginePorts(host, clock, clock, new SeededEntropy(1), new UnguardedMemory()));
    device = engine.open(new ScriptedTun("wg0"));
    converse(FORGET_ALL.getBytes(StandardCharsets.US_ASCII));
    keysBefore = device.keys().keysInUse();
  }

  @AfterAll
  static void closeEngine() {
    engine.close();
  }

  /** Replies of any number: lines, then errno, then an empty line. Not one expression: too deep. */
  private static void assertWellFormed(String replies) {
    List<String> lines = List.of(replies.split("\n", -1));
    String last = "";
    for (String line : lines.subList(0, lines.size() - 1)) {
      if (line.isEmpty()) {
        assertThat(last).matches(LAST_LINE);
      } else {
        assertThat(line).matches(LINE);
      }
      last = line;
    }
    assertThat(replies)
        .satisfiesAnyOf(all -> assertThat(all).isEmpty(), all -> assertThat(all).endsWith("\n\n"));
  }

  @FuzzTest(maxDuration = "60s")
  void requests(byte[] requests) throws IOException {
    assertWellFormed(converse(requests));

    assertThat(converse(FORGET_ALL.getBytes(StandardCharsets.US_ASCII))).isEqualTo("errno=0\n\n");
    assertThat(device.keys().keysInUse()).isEqualTo(keysBefore);
    assertThat(device.snapshot().peers()).isEmpty();
  }

  private static String converse(byte[] requests) throws IOException {
    ByteArrayOutputStream replies = new ByteArrayOutputStream();
    new UapiSession(device, problem -> {}).serve(new ByteArrayInputStream(requests), replies);
    return replies.toString(StandardCharsets.ISO_8859_1);
  }
}
