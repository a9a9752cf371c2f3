package cloud.runbeam.wgagent.app.control.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.config.Position;
import cloud.runbeam.wgagent.app.config.Problem;
import cloud.runbeam.wgagent.app.config.ProblemReason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** The examples and rules of jsonrpc.org/specification, and what hostile lines do. */
class DispatcherTest {
  private static final Caller ADMIN = new Caller("root", Role.ADMIN);

  private final JsonCodec codec = new JsonCodec(256 * 1_024);
  private final Dispatcher dispatcher =
      new Dispatcher(
          codec,
          List.of(
              new JsonRpcDialect(
                  new MethodTable(
                      List.of(new EchoMethod(), new FailingMethod(), new RefusingMethod()),
                      codec,
                      RateLimits.standard(System::nanoTime),
                      ChangeLog.NONE,
                      RequestObserver.NONE))),
          RequestObserver.NONE);

  @Test
  void answersWithTheIdOfTheRequest() {
    for (String id : List.of("1", "\"a\"", "null", "-7", "123456789012345678901234567890")) {
      assertThat(dispatch("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"echo\"}"))
          .hasValue("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{\"heard_text\":\"-\"}}");
    }
  }

  @Test
  void passesParametersByName() {
    assertThat(request("echo", "{\"text\":\"hello\"}"))
        .contains("\"result\":{\"heard_text\":\"hello\"}");
  }

  @Test
  void leavesAbsentMembersOut() {
    assertThat(request("echo", "{\"text\":\"x\"}")).doesNotContain("maybe");
  }

  @Test
  void doesNotAnswerNotificationsNotEvenWrongOnes() {
    assertThat(dispatch("{\"jsonrpc\":\"2.0\",\"method\":\"echo\"}")).isEmpty();
    assertThat(dispatch("{\"jsonrpc\":\"2.0\",\"method\":\"no such\"}")).isEmpty();
    assertThat(dispatch("{\"jsonrpc\":\"2.0\",\"method\":\"fail\"}")).isEmpty();
  }

  @Test
  void answersABatchWithoutItsNotifications() {
    String batch =
        "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\"},"
            + "{\"jsonrpc\":\"2.0\",\"method\":\"echo\"},"
            + "1,"
            + "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"foo\"}]";

    String reply = dispatch(batch).orElseThrow();

    assertThat(reply).startsWith("[").endsWith("]");
    assertThat(reply)
        .contains("\"id\":1,\"result\"")
        .contains("\"id\":null,\"error\":{\"code\":-32600")
        .contains("\"id\":2,\"error\":{\"code\":-32601");
  }

  @Test
  void saysNothingToABatchOfNotifications() {
    assertThat(dispatch("[{\"jsonrpc\":\"2.0\",\"method\":\"echo\"}]")).isEmpty();
  }

  @Test
  void refusesABatchWhoseRepliesWouldPileUp() {
    String request = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\"}";

    assertThat(dispatch("[" + (request + ",").repeat(63) + request + "]").orElseThrow())
        .doesNotContain("too_large");
    assertThat(dispatch("[" + (request + ",").repeat(64) + request + "]").orElseThrow())
        .contains("\"type\":\"too_large\"");
  }

  @Test
  void refusesAnEmptyBatch() {
    assertThat(dispatch("[]").orElseThrow()).contains("-32600").contains("\"id\":null");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"echo\"}",
        "{\"jsonrpc\":2.0,\"id\":1,\"method\":\"echo\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":1}",
        "{\"jsonrpc\":\"2.0\",\"id\":[],\"method\":\"echo\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"echo\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1e400,\"method\":\"echo\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":true,\"method\":\"echo\"}",
        "{}",
        "null",
        "7",
        "\"jsonrpc\"",
        "{\"method\":\"echo\"}"
      })
  void refusesWhatIsNoRequest(String line) {
    assertThat(dispatch(line).orElseThrow())
        .contains("\"code\":-32600")
        .contains("\"data\":{\"type\":\"parse_error\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "{]",
        "nonsense",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\"} {}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"echo\"}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"id\":NaN}",
        "'single'",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\u0001b\"}",
      })
  void refusesWhatIsNotJson(String line) {
    assertThat(dispatch(line).orElseThrow()).contains("\"code\":-32700").contains("\"id\":null");
  }

  @Test
  void refusesDeepNestingWithoutFollowingIt() {
    assertThat(dispatch("[".repeat(100_000)).orElseThrow()).contains("-32700");
    assertThat(dispatch("{\"a\":".repeat(33) + "1" + "}".repeat(33)).orElseThrow())
        .contains("-32700");
  }

  @Test
  void acceptsNestingUpToTheLimit() {
    String nested = "[".repeat(30) + "]".repeat(30);

    assertThat(request("echo", "{\"text\":\"x\",\"more\":" + nested + "}"))
        .contains("\"heard_text\":\"x\"");
  }

  @Test
  void refusesNumbersThatNobodyMeans() {
    assertThat(
            dispatch("{\"jsonrpc\":\"2.0\",\"id\":" + "9".repeat(200_000) + ",\"method\":\"echo\"}")
                .orElseThrow())
        .contains("-32700");
  }

  @Test
  void refusesInvalidUtf8() {
    byte[] line =
        "{\"jsonrpc\":\"2.0\",\"id\":\"?\",\"method\":\"echo\"}".getBytes(StandardCharsets.UTF_8);
    line[22] = (byte) 0xFF;
    byte[] overlong = {'"', (byte) 0xC0, (byte) 0xAF, '"'};

    assertThat(dispatch(line).orElseThrow()).contains("not UTF-8");
    assertThat(dispatch(overlong).orElseThrow()).contains("not UTF-8");
  }

  @Test
  void survivesHalfASurrogatePairInAnId() {
    assertThat(dispatch("{\"jsonrpc\":\"2.0\",\"id\":\"\\ud800\",\"method\":\"echo\"}"))
        .isPresent();
  }

  @Test
  void refusesAnUnknownMethodAndNamesTheKnownOnes() {
    assertThat(request("\\u0007 no", "{}"))
        .contains("\"code\":-32601")
        .contains("known: echo, fail, refuse")
        .doesNotContain("\\u0007");
  }

  @Test
  void refusesParametersThatAreWrong() {
    assertThat(request("echo", "[1]")).contains("-32602").contains("by name");
    assertThat(request("echo", "{\"text\":1}")).contains("-32602").contains("text is not a text");
  }

  @Test
  void keepsTheReasonOfAFaultToTheLog() {
    assertThat(request("fail", "{}"))
        .contains("\"code\":-32603")
        .contains("\"type\":\"internal_error\"")
        .containsPattern("reference [0-9a-f]{8}")
        .doesNotContain("a secret of the implementation");
  }

  @Test
  void carriesTheProblemsOfAConfiguration() {
    assertThat(request("refuse", "{}"))
        .contains("\"code\":-32002")
        .contains("\"type\":\"config_error\"")
        .contains(
            "\"problems\":[{\"path\":\"network.a\",\"line\":3,\"column\":1,\"reason\":"
                + "\"bad_name\",\"text\":\"is wrong: do right\"}]");
  }

  private String request(String method, String params) {
    return dispatch(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\""
                + method
                + "\",\"params\":"
                + params
                + "}")
        .orElseThrow();
  }

  private Optional<String> dispatch(String line) {
    return dispatch(line.getBytes(StandardCharsets.UTF_8));
  }

  private Optional<String> dispatch(byte[] line) {
    return dispatcher
        .dispatch(ByteBuffer.wrap(line), ADMIN, new Told())
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  private record Echo(String heardText, Optional<String> maybe) {}

  private static final class EchoMethod implements ControlMethod {
    @Override
    public String name() {
      return "echo";
    }

    @Override
    public Role role() {
      return Role.READER;
    }

    @Override
    public Object call(ObjectNode params, Caller caller) throws RequestException {
      return new Echo(Params.text(params, "text").orElse("-"), Optional.empty());
    }
  }

  private static final class FailingMethod implements ControlMethod {
    @Override
    public String name() {
      return "fail";
    }

    @Override
    public Role role() {
      return Role.READER;
    }

    @Override
    public Object call(ObjectNode params, Caller caller) {
      throw new IllegalStateException("a secret of the implementation");
    }
  }

  private static final class RefusingMethod implements ControlMethod {
    @Override
    public String name() {
      return "refuse";
    }

    @Override
    public Role role() {
      return Role.ADMIN;
    }

    @Override
    public Object call(ObjectNode params, Caller caller) throws RequestException {
      throw new RequestException(
          ErrorType.CONFIG_ERROR,
          "the configuration is wrong",
          List.of(
              new Problem(
                  "file",
                  new Position(3, 1),
                  "network.a",
                  ProblemReason.BAD_NAME,
                  "is wrong",
                  "do right")));
    }
  }
}
