package cloud.runbeam.wgagent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.timer.ProtocolTimings;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds {@code docs/timers.md} against the code. */
class ProtocolTableTest {
  private static final String ENGINE = "cloud.runbeam.wgagent.engine.";
  private static final Path TABLE = Path.of("..", "docs", "timers.md");
  private static final Pattern QUANTITY = Pattern.compile("([\\d,^ -]+?) (s|ms|ns|[a-z]+)\\b.*");

  /** A row: event, deadline, constant, source, test. */
  record Row(String event, String deadline, String constant, String source, String test) {
    @Override
    public String toString() {
      return event;
    }
  }

  static Stream<Row> rows() throws IOException {
    return Files.readAllLines(TABLE).stream()
        .filter(line -> line.startsWith("| ") && !line.startsWith("| ---"))
        .filter(line -> !line.startsWith("| event |"))
        .map(line -> line.substring(2, line.length() - 2).split(" \\| ", -1))
        .peek(cells -> assertThat(cells).hasSize(5))
        .map(cells -> new Row(cells[0], cells[1], cells[2], cells[3], cells[4]));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void namesConstantsWithTheirValue(Row row) throws ReflectiveOperationException {
    if (row.constant().equals("–")) {
      return;
    }
    String constant = unquoted(row.constant());
    int dot = constant.lastIndexOf('.');
    Class<?> owner = Class.forName(ENGINE + constant.substring(0, dot));
    Field field = owner.getDeclaredField(constant.substring(dot + 1));
    if (Modifier.isPublic(field.getModifiers()) && Modifier.isPublic(owner.getModifiers())) {
      assertThat(((Number) field.get(null)).longValue()).isEqualTo(quantity(row.deadline()));
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void namesTestsThatExist(Row row) throws ClassNotFoundException {
    String[] test = unquoted(row.test()).split("#", 2);
    List<Method> methods =
        Arrays.stream(Class.forName(ENGINE + test[0]).getDeclaredMethods())
            .filter(method -> method.getName().equals(test[1]))
            .toList();
    assertThat(methods).as(row.test()).hasSize(1);
    Method method = methods.getFirst();
    assertThat(
            method.isAnnotationPresent(Test.class)
                || method.isAnnotationPresent(ParameterizedTest.class))
        .as("%s is a test", row.test())
        .isTrue();
  }

  @Test
  void leavesOutNoConstantOfTheProtocol() throws IOException {
    List<String> named = rows().map(Row::constant).toList();
    assertThat(ProtocolTimings.class.getFields())
        .hasSizeGreaterThan(8)
        .allSatisfy(
            field -> assertThat(named).contains("`timer.ProtocolTimings." + field.getName() + "`"));
  }

  private static String unquoted(String cell) {
    assertThat(cell).startsWith("`").endsWith("`");
    return cell.substring(1, cell.length() - 1);
  }

  /** The number that {@code text} begins with; times in nanoseconds. */
  private static long quantity(String text) {
    Matcher matcher = QUANTITY.matcher(text);
    assertThat(matcher.matches()).as(text).isTrue();
    BigInteger sum = BigInteger.ZERO;
    int sign = 1;
    for (String part : matcher.group(1).split(" ", -1)) {
      if (part.equals("-")) {
        sign = -1;
      } else {
        String[] power = part.replace(",", "").split("\\^", 2);
        BigInteger value = new BigInteger(power[0]);
        value = power.length == 2 ? value.pow(Integer.parseInt(power[1])) : value;
        sum = sum.add(value.multiply(BigInteger.valueOf(sign)));
      }
    }
    long unit =
        switch (matcher.group(2)) {
          case "s" -> 1_000_000_000L;
          case "ms" -> 1_000_000L;
          default -> 1L;
        };
    return sum.longValue() * unit;
  }
}
