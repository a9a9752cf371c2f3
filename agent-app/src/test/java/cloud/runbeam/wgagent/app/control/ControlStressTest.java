package cloud.runbeam.wgagent.app.control;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.Dispatcher;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import cloud.runbeam.wgagent.app.control.rpc.Told;
import cloud.runbeam.wgagent.app.wiring.TestAgent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Many clients at once, and clients that send anything at all. */
@Timeout(120)
class ControlStressTest {
  private static final long SEED = 20_261_123;

  /** What a race may be refused with; anything else is a fault of ours. */
  private static final Set<String> RACE_LOST =
      Set.of("invalid_state", "network_not_found", "config_error", "rate_limited");

  private static final List<String> REQUESTS =
      List.of(
          "{\"id\":%d,\"action\":\"connect\"}",
          "{\"id\":%d,\"action\":\"disconnect\"}",
          "{\"id\":%d,\"action\":\"reload\"}",
          "{\"id\":%d,\"action\":\"status\"}",
          "{\"id\":%d,\"action\":\"connect\",\"network\":\"api\",\"config\":{\"interface\":\"wg9\","
              + "\"privateKeyPath\":\"private.key\",\"peers\":[{\"publicKey\":\"PEER\"}]}}",
          "{\"id\":%d,\"action\":\"disconnect\",\"network\":\"api\"}",
          "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"status\"}",
          "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"list\"}",
          "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"reload\"}",
          "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"plan\"}",
          "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"subscribe\"}",
          "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"disconnect\",\"params\":{\"network\":\"api\","
              + "\"forget\":true}}",
          "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"peer.set\",\"params\":{\"network\":\"default\","
              + "\"peer\":{\"publicKey\":\"PEER\",\"allowedIps\":[\"10.1.0.0/16\"]}}}",
          "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"peer.remove\",\"params\":{\"network\":\"default\","
              + "\"public_key\":\"PEER\"}}",
          "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"plan\",\"params\":{\"network\":\"default\","
              + "\"config\":{\"interface\":\"wg0\",\"mtu\":1400,\"privateKeyPath\":\"private.key\"}}}",
          "[{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"ping\"}]");

  @TempDir private Path directory;

  private @Nullable TestAgent agent;

  @BeforeEach
  void startAgent() throws IOException {
    agent =
        TestAgent.start(
            directory,
            """
            [network.default]
            interface = "wg0"
            address = "10.100.0.2/24"
            private_key_path = "private.key"
            """);
  }

  @AfterEach
  void stopAgent() {
    if (agent != null) {
      agent.close();
    }
  }

  @Test
  void fiftyClientsRacingLeaveNoHalfState() throws Exception {
    Map<String, AtomicInteger> refusals = new ConcurrentHashMap<>();
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      Random random = new Random(SEED + i);
      clients.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  race(random, refusals);
                } catch (IOException | AssertionError failed) {
                  failures.add(failed);
                }
              }));
    }
    for (Thread client : clients) {
      client.join();
    }

    assertThat(failures).as("seed %d", SEED).isEmpty();
    assertThat(refusals.keySet()).as("seed %d", SEED).isSubsetOf(RACE_LOST);
    try (LineClient client = new LineClient(agent().socket())) {
      client.send("{\"id\":1,\"action\":\"disconnect\"}\n");
      assertThat(client.receive()).isNotNull();
      client.send("{\"id\":2,\"action\":\"connect\"}\n");
      assertThat(client.receive()).contains("\"state\":\"active\"");
    }
    agent().close();
    assertThat(agent().platform().isUntouched()).isTrue();
  }

  /** Requests one after the other, and a few at once; every reply carries an id that was asked. */
  private void race(Random random, Map<String, AtomicInteger> refusals) throws IOException {
    try (LineClient client = new LineClient(agent().socket())) {
      for (int round = 0; round < 15; round++) {
        List<Integer> asked = new ArrayList<>();
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i <= random.nextInt(4); i++) {
          int id = round * 10 + i;
          asked.add(id);
          String request = REQUESTS.get(random.nextInt(REQUESTS.size()));
          lines.append(String.format(request, id).replace("PEER", peer())).append('\n');
        }
        client.send(lines.toString());
        while (!asked.isEmpty()) {
          JsonNode reply = JsonMapper.shared().readTree(Objects.requireNonNull(client.receive()));
          JsonNode one = reply.isArray() ? reply.get(0) : reply;
          if (one.has("method")) {
            continue; // An event.
          }
          assertThat(asked).contains(one.get("id").intValue());
          asked.remove((Object) one.get("id").intValue());
          JsonNode error = one.get("error");
          if (error != null) {
            JsonNode type = error.has("data") ? error.path("data").get("type") : error.get("type");
            refusals
                .computeIfAbsent(type.stringValue(), _ -> new AtomicInteger())
                .incrementAndGet();
          }
        }
      }
    }
  }

  @Test
  void noLineOfEitherDialectIsMoreThanARequestOrARefusal() {
    Dispatcher dispatcher = agent().bean(Dispatcher.class);
    Caller caller = new Caller("fuzz", Role.ADMIN);
    Random random = new Random(SEED);
    for (int i = 0; i < 4_000; i++) {
      byte[] line = mutated(random);
      Told told = new Told();
      Optional<byte[]> reply = dispatcher.dispatch(ByteBuffer.wrap(line), caller, told);
      told.end();
      if (reply.isPresent()) {
        String text = new String(reply.get(), StandardCharsets.UTF_8);
        assertThat(text)
            .as("seed %d, line %d: %s", SEED, i, new String(line, StandardCharsets.UTF_8))
            .doesNotContain("\n")
            .doesNotContain("internal_error")
            .doesNotContain("serialization_error");
        assertThat(JsonMapper.shared().readTree(text).isContainer()).isTrue();
      }
    }
  }

  @Test
  void garbageOnOneConnectionIsNobodyElsesBusiness() throws Exception {
    Random random = new Random(SEED);
    try (LineClient steady = new LineClient(agent().socket())) {
      for (int i = 0; i < 100; i++) {
        try (LineClient wild = new LineClient(agent().socket())) {
          byte[] garbage = new byte[random.nextInt(5_000)];
          random.nextBytes(garbage);
          wild.send(garbage);
          wild.send(mutated(random));
          if (random.nextBoolean()) {
            wild.endInput();
          }
        } catch (IOException _) {
          // The agent may hang up on garbage.
        }
        steady.send("{\"jsonrpc\":\"2.0\",\"id\":" + i + ",\"method\":\"ping\"}\n");
        assertThat(steady.receive())
            .as("seed %d, round %d", SEED, i)
            .isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":" + i + ",\"result\":{\"pong\":true}}");
      }
    }
  }

  /** A request with something wrong: bytes changed, put in, taken out, doubled, nested. */
  private static byte[] mutated(Random random) {
    String request = REQUESTS.get(random.nextInt(REQUESTS.size()));
    byte[] line =
        String.format(request, random.nextInt(100))
            .replace("PEER", peer())
            .getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < random.nextInt(4); i++) {
      int at = random.nextInt(line.length);
      line =
          switch (random.nextInt(5)) {
            case 0 -> {
              line[at] = (byte) random.nextInt(256);
              yield line;
            }
            case 1 -> spliced(line, at, at, randomToken(random));
            case 2 -> spliced(line, at, Math.min(line.length, at + 1 + random.nextInt(8)), "");
            case 3 -> spliced(line, at, at, new String(line, StandardCharsets.ISO_8859_1));
            default -> spliced(line, at, Math.min(line.length, at + 3), randomToken(random));
          };
      if (line.length == 0) {
        return line;
      }
    }
    return line;
  }

  private static String randomToken(Random random) {
    String[] tokens = {
      "null",
      "{",
      "}",
      "[",
      "]",
      "\"",
      "\\",
      "\\u0000",
      "\\ud800",
      "1e999",
      "-0",
      "9".repeat(70),
      ",",
      ":",
      "true",
      "\"config\":{}",
      "\"network\":\"../../x\"",
      "\"peers\":[null,{}]",
      "[".repeat(40),
      "\"\\n[agent]\"",
      "\u0000",
      "%n%s",
      "\u202e"
    };
    return tokens[random.nextInt(tokens.length)];
  }

  private static byte[] spliced(byte[] line, int from, int to, String with) {
    byte[] middle = with.getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer spliced = ByteBuffer.allocate(from + middle.length + line.length - to);
    spliced.put(line, 0, from).put(middle).put(line, to, line.length - to);
    return spliced.array();
  }

  private static String peer() {
    return "YQ0jcT7gTCRvtZHcHrOqVhRi7NVhw/7LZDd3wKXd/cs=";
  }

  private TestAgent agent() {
    return Objects.requireNonNull(agent);
  }
}
