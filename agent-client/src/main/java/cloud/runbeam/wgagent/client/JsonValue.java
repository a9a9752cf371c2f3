package cloud.runbeam.wgagent.client;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A JSON value (RFC 8259) as the control client reads and writes it. Immutable. */
public sealed interface JsonValue {
  /** The value that {@code text} holds. */
  static JsonValue parse(String text) throws JsonSyntaxException {
    return new JsonReader(text).read();
  }

  /** As JSON on one line. */
  default String toJson() {
    StringBuilder text = new StringBuilder();
    JsonWriter.write(this, text);
    return text.toString();
  }

  /** As JSON over several lines, indented by two blanks, for people. */
  default String toIndentedJson() {
    StringBuilder text = new StringBuilder();
    JsonWriter.writeIndented(this, text, 0);
    return text.toString();
  }

  /** Members in the order they were written. */
  record JsonObject(Map<String, JsonValue> members) implements JsonValue {
    /** Copies the map, order kept. */
    public JsonObject {
      members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    /** The member's value, if there is such a member; JSON null counts as none. */
    public Optional<JsonValue> get(String name) {
      return Optional.ofNullable(members.get(name)).filter(value -> !(value instanceof JsonNull));
    }

    /** The member's text, if it is one. */
    public Optional<String> text(String name) {
      return as(name, JsonText.class).map(JsonText::value);
    }

    /** The member's value, if it is a whole number that fits. */
    public Optional<Long> integer(String name) {
      return as(name, JsonNumber.class).flatMap(JsonNumber::asLong);
    }

    /** The member's value, if it is a number. */
    public Optional<Double> number(String name) {
      return as(name, JsonNumber.class).map(number -> Double.valueOf(number.literal()));
    }

    /** The member's value, if it is true or false. */
    public Optional<Boolean> bool(String name) {
      return as(name, JsonBool.class).map(JsonBool::value);
    }

    /** The member's value, if it is an object. */
    public Optional<JsonObject> object(String name) {
      return as(name, JsonObject.class);
    }

    /** The member's elements; none where it is no array. */
    public List<JsonValue> array(String name) {
      return as(name, JsonArray.class).map(JsonArray::elements).orElse(List.of());
    }

    /** The objects among the member's elements. */
    public List<JsonObject> objects(String name) {
      return array(name).stream()
          .filter(JsonObject.class::isInstance)
          .map(JsonObject.class::cast)
          .toList();
    }

    private <T extends JsonValue> Optional<T> as(String name, Class<T> type) {
      return get(name).filter(type::isInstance).map(type::cast);
    }
  }

  /** Elements in order. */
  record JsonArray(List<JsonValue> elements) implements JsonValue {
    /** Copies the list. */
    public JsonArray {
      elements = List.copyOf(elements);
    }
  }

  /** A string. */
  record JsonText(String value) implements JsonValue {}

  /** A number as it was written, so that none loses digits. */
  record JsonNumber(String literal) implements JsonValue {
    /** The value, if it is a whole number that fits. */
    public Optional<Long> asLong() {
      try {
        return Optional.of(Long.parseLong(literal));
      } catch (NumberFormatException _) {
        return Optional.empty();
      }
    }
  }

  /** True or false. */
  record JsonBool(boolean value) implements JsonValue {}

  /** Null. */
  record JsonNull() implements JsonValue {}

  /** A string value. */
  static JsonValue of(String value) {
    return new JsonText(value);
  }

  /** A whole number. */
  static JsonValue of(long value) {
    return new JsonNumber(Long.toString(value));
  }

  /** True or false. */
  static JsonValue of(boolean value) {
    return new JsonBool(value);
  }
}
