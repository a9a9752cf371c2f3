package cloud.runbeam.wgagent.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonValueTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "null",
        "true",
        "-0.5e+10",
        "12345678901234567890",
        "\"a\\\"b\\\\c\\u0001\"",
        "{\"a\":[1,{\"b\":null}],\"c\":\"\"}"
      })
  void writesWhatItRead(String json) throws JsonSyntaxException {
    assertThat(JsonValue.parse(json).toJson()).isEqualTo(json);
    assertThat(JsonValue.parse(JsonValue.parse(json).toIndentedJson()).toJson()).isEqualTo(json);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\"}",
        "{a:1}",
        "01",
        "1.",
        "-",
        "tru",
        "nul",
        "\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\n\"",
        "1 2",
        "[1 2]",
        "{\"a\":1,}",
        "\u00e4"
      })
  void refusesWhatIsNotJson(String text) {
    assertThatThrownBy(() -> JsonValue.parse(text)).isInstanceOf(JsonSyntaxException.class);
  }

  @Test
  void refusesNestingThatWouldExhaustTheStack() {
    assertThatThrownBy(() -> JsonValue.parse("[".repeat(1_000_000)))
        .isInstanceOf(JsonSyntaxException.class)
        .hasMessageContaining("32 levels");
  }

  @Test
  void readsMembersByType() throws JsonSyntaxException {
    JsonObject object =
        (JsonObject)
            JsonValue.parse(
                "{\"t\":\"\\u00e4\\/\\n\",\"i\":42,\"d\":1.5,\"b\":true,\"n\":null,"
                    + "\"o\":{\"x\":1},\"a\":[{\"y\":2},3]}");

    assertThat(object.text("t")).hasValue("ä/\n");
    assertThat(object.integer("i")).hasValue(42L);
    assertThat(object.integer("d")).isEmpty();
    assertThat(object.number("d")).hasValue(1.5);
    assertThat(object.bool("b")).hasValue(true);
    assertThat(object.get("n")).isEmpty();
    assertThat(object.object("o").orElseThrow().integer("x")).hasValue(1L);
    assertThat(object.array("a")).hasSize(2);
    assertThat(object.objects("a")).hasSize(1);
    assertThat(object.text("i")).isEmpty();
    assertThat(object.array("missing")).isEmpty();
  }

  @Test
  void escapesWhatATerminalWouldObey() {
    assertThat(JsonValue.of("\u001b[2J\u009b\u2028").toJson())
        .isEqualTo("\"\\u001b[2J\\u009b\\u2028\"");
  }
}
