package cloud.runbeam.wgagent.app.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.config.KeyFixtures;
import cloud.runbeam.wgagent.app.tracing.SpanReceiver;
import cloud.runbeam.wgagent.client.ControlClient;
import cloud.runbeam.wgagent.client.ControlException;
import cloud.runbeam.wgagent.client.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/**
 * Searches everything that an operator or a machine of theirs gets to see for the private and the
 * preshared key, however they might be spelled.
 */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class ObservedSecretsTest {
  @TempDir private Path directory;

  @Test
  void showsNoSecretKeyAnywhere(CapturedOutput log) throws Exception {
    Map<String, String> outputs = new LinkedHashMap<>();
    Path flight = directory.resolve("flight.jfr");
    try (SpanReceiver receiver = SpanReceiver.start();
        Recording recording = new Recording()) {
      recording.start();
      try (RunningAgent agent =
          RunningAgent.start(
              directory,
              """
              [agent.log]
              level = "trace"
              [agent.tracing]
              endpoint = "%s"
              """
                  .formatted(receiver.endpoint()))) {
        exercise(agent, outputs);
      }
      receiver.await("control connect");
      outputs.put("traces", receiver.text());
      recording.stop();
      recording.dump(flight);
      outputs.put("flight", Files.readString(flight, StandardCharsets.ISO_8859_1));
    }
    outputs.put("log", log.getAll());

    assertThat(outputs.get("log")).contains("interface wg0 is up").doesNotContain("Multiple");
    assertThat(outputs.get("metrics")).contains(KeyFixtures.publicKey("test key core"));
    assertThat(outputs.get("flight")).contains("cloud.runbeam.wgagent.State");
    for (String key : List.of(RunningAgent.PRIVATE_KEY, RunningAgent.PRESHARED_KEY)) {
      for (String spelling : spellings(KeyFixtures.bytes(key))) {
        outputs.forEach((name, text) ->
            assertThat(text.contains(spelling)).as("%s in %s", key, name).isFalse());
      }
    }
  }

  @Test
  void wouldFindThemInEverySpelling() {
    byte[] key = KeyFixtures.bytes(RunningAgent.PRIVATE_KEY);

    assertThat(spellings(key))
        .anyMatch(("x" + KeyFixtures.base64(RunningAgent.PRIVATE_KEY))::contains)
        .anyMatch(("y " + HexFormat.ofDelimiter(":").formatHex(key))::contains)
        .anyMatch(new String(key, StandardCharsets.ISO_8859_1)::contains);
  }

  private static void exercise(RunningAgent agent, Map<String, String> outputs)
      throws IOException, InterruptedException, ControlException {
    try (ControlClient client = ControlClient.connect(agent.socket(), Duration.ofSeconds(30))) {
      Map<String, JsonValue> network = Map.of("network", JsonValue.of("default"));
      StringBuilder replies = new StringBuilder();
      replies.append(client.call("status", Map.of()).toJson());
      replies.append(client.call("disconnect", network).toJson());
      agent.platform().refuse("tun");
      replies.append(refusal(client, network));
      agent.platform().allow();
      replies.append(client.call("connect", network).toJson());
      replies.append(client.call("status", network).toJson());
      outputs.put("replies", replies.toString());
    }
    outputs.put("healthz", agent.get("/healthz").body());
    outputs.put("health", agent.get("/actuator/health").body());
    outputs.put("metrics", agent.get("/metrics").body() + agent.get("/metrics").headers());
    outputs.put("events", agent.events().toString());
  }

  private static String refusal(ControlClient client, Map<String, JsonValue> network) {
    try {
      return client.call("connect", network).toJson();
    } catch (ControlException refused) {
      return String.valueOf(refused);
    }
  }

  /** The key itself and as the engine clamps it (RFC 7748, section 5), whole and in halves. */
  private static List<String> spellings(byte[] key) {
    byte[] clamped = key.clone();
    clamped[0] &= (byte) 248;
    clamped[31] = (byte) ((clamped[31] & 127) | 64);
    List<String> all = new ArrayList<>();
    for (byte[] each : List.of(key, clamped)) {
      HexFormat hex = HexFormat.of();
      String base64 = Base64.getEncoder().encodeToString(each);
      all.add(base64.substring(0, 40));
      all.add(base64.substring(2, 22));
      all.add(base64.substring(22, 42));
      all.add(Base64.getUrlEncoder().encodeToString(each).substring(0, 40));
      all.add(hex.formatHex(each, 1, 16));
      all.add(hex.formatHex(each, 16, 31));
      all.add(hex.formatHex(each, 1, 16).toUpperCase(Locale.ROOT));
      all.add(HexFormat.ofDelimiter(":").formatHex(each, 1, 16));
      all.add(HexFormat.ofDelimiter(", ").formatHex(each, 1, 16));
      all.add(new String(each, 1, 15, StandardCharsets.ISO_8859_1));
      all.add(new String(each, 1, 30, StandardCharsets.UTF_8));
      all.add(signedBytes(each));
    }
    return all;
  }

  /** As {@code Arrays.toString} shows it. */
  private static String signedBytes(byte[] key) {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i < 12; i++) {
      text.append(key[i]).append(", ");
    }
    return text.toString();
  }
}
