package cloud.runbeam.wgagent.app.control.rpc;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** Bytes to JSON and back, within limits. Any thread. */
public final class JsonCodec {
  /** The deepest nesting accepted. */
  public static final int MAX_DEPTH = 32;

  /** Longer numbers are no numbers anybody means; they cost quadratic time. */
  private static final int MAX_NUMBER_CHARACTERS = 64;

  private final JsonMapper mapper;

  /** A codec for lines of at most {@code maxLineBytes}. */
  public JsonCodec(int maxLineBytes) {
    StreamReadConstraints limits =
        StreamReadConstraints.builder()
            .maxNestingDepth(MAX_DEPTH)
            .maxNumberLength(MAX_NUMBER_CHARACTERS)
            .maxNameLength(256)
            .maxStringLength(maxLineBytes)
            .maxDocumentLength(maxLineBytes)
            .build();
    mapper =
        JsonMapper.builder(JsonFactory.builder().streamReadConstraints(limits).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .changeDefaultPropertyInclusion(
                value -> value.withValueInclusion(JsonInclude.Include.NON_ABSENT))
            .build();
  }

  /**
   * One JSON value.
   *
   * @throws RequestException of type {@code PARSE_ERROR}, naming the place but quoting nothing
   */
  public JsonNode read(ByteBuffer line) throws RequestException {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(line).toString();
    } catch (CharacterCodingException _) {
      throw new RequestException(ErrorType.PARSE_ERROR, "the line is not UTF-8");
    }
    try {
      return mapper.readTree(text);
    } catch (JacksonException broken) {
      int column = broken.getLocation() == null ? -1 : broken.getLocation().getColumnNr();
      throw new RequestException(
          ErrorType.PARSE_ERROR,
          "the line is not JSON within the limits (nesting "
              + MAX_DEPTH
              + ", no member twice)"
              + (column > 0 ? ", at column " + column : ""));
    }
  }

  /** A record as a tree. */
  public JsonNode tree(Object value) {
    return mapper.valueToTree(value);
  }

  /**
   * One line, without its end. Text from outside that is no Unicode (half a surrogate pair) comes
   * out as a question mark.
   */
  public byte[] write(JsonNode value) {
    return mapper.writeValueAsString(value).getBytes(StandardCharsets.UTF_8);
  }
}
