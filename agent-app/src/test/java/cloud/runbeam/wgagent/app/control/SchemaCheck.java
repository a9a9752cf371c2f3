package cloud.runbeam.wgagent.app.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * The part of JSON Schema 2020-12 that {@code config/schema} uses. A keyword it does not know fails
 * the test rather than pass for fulfilled.
 */
final class SchemaCheck {
  private final JsonNode document;
  private final List<String> faults = new ArrayList<>();

  private SchemaCheck(JsonNode document) {
    this.document = document;
  }

  /** What is wrong with {@code value} by the definition of that name; empty if nothing. */
  static List<String> faults(JsonNode document, String definition, JsonNode value) {
    JsonNode schema = document.path("$defs").path(definition);
    if (schema.isMissingNode()) {
      return List.of("no definition " + definition);
    }
    SchemaCheck check = new SchemaCheck(document);
    check.check(schema, value, definition);
    return check.faults;
  }

  private void check(JsonNode schema, JsonNode value, String at) {
    for (Map.Entry<String, JsonNode> keyword : schema.properties()) {
      JsonNode wanted = keyword.getValue();
      switch (keyword.getKey()) {
        case "$ref" ->
            check(
                document.path("$defs").path(wanted.stringValue().replace("#/$defs/", "")),
                value,
                at);
        case "type" -> require(isOfType(wanted, value), at + " is no " + wanted + ": " + value);
        case "const" -> require(value.equals(wanted), at + " is not " + wanted);
        case "enum" -> require(contains(wanted, value), at + " is not among " + wanted);
        case "pattern" ->
            require(
                !value.isString()
                    || Pattern.compile(wanted.stringValue()).matcher(value.stringValue()).find(),
                at + " does not match " + wanted);
        case "minimum" ->
            require(
                !value.isNumber() || value.doubleValue() >= wanted.doubleValue(),
                at + " is below " + wanted);
        case "maximum" ->
            require(
                !value.isNumber() || value.doubleValue() <= wanted.doubleValue(),
                at + " is above " + wanted);
        case "required" -> {
          for (JsonNode name : wanted) {
            require(!value.isObject() || value.has(name.stringValue()), at + " lacks " + name);
          }
        }
        case "properties" -> properties(wanted, value, at);
        case "additionalProperties" -> additional(schema, value, at);
        case "items" -> {
          for (int i = 0; value.isArray() && i < value.size(); i++) {
            check(wanted, value.get(i), at + "[" + i + "]");
          }
        }
        case "oneOf" -> oneOf(wanted, value, at);
        case "description" -> {}
        default -> faults.add("keyword " + keyword.getKey() + " is not known here");
      }
    }
  }

  private void properties(JsonNode wanted, JsonNode value, String at) {
    for (Map.Entry<String, JsonNode> property : wanted.properties()) {
      if (value.has(property.getKey())) {
        check(property.getValue(), value.get(property.getKey()), at + "." + property.getKey());
      }
    }
  }

  private void additional(JsonNode schema, JsonNode value, String at) {
    if (value.isObject()) {
      for (String name : value.propertyNames()) {
        require(schema.path("properties").has(name), at + " has no member " + name);
      }
    }
  }

  private void oneOf(JsonNode choices, JsonNode value, String at) {
    List<String> reasons = new ArrayList<>();
    int fitting = 0;
    for (JsonNode choice : choices) {
      SchemaCheck one = new SchemaCheck(document);
      one.check(choice, value, at);
      if (one.faults.isEmpty()) {
        fitting++;
      }
      reasons.addAll(one.faults);
    }
    require(fitting == 1, at + " fits " + fitting + " of the choices: " + reasons);
  }

  private void require(boolean right, String fault) {
    if (!right) {
      faults.add(fault);
    }
  }

  private static boolean contains(JsonNode choices, JsonNode value) {
    for (JsonNode choice : choices) {
      if (choice.equals(value)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isOfType(JsonNode type, JsonNode value) {
    if (type.isArray()) {
      for (JsonNode one : type) {
        if (isOfType(one, value)) {
          return true;
        }
      }
      return false;
    }
    return switch (type.stringValue()) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isString();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      case "boolean" -> value.isBoolean();
      case "null" -> value.isNull();
      default -> false;
    };
  }
}
