package cloud.runbeam.wgagent.app.cli;

import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The words behind a verb: {@code --option}, {@code --option VALUE} or {@code --option=VALUE}
 * anywhere, the operand, and {@code --} after which nothing is an option.
 *
 * <p>Written by hand because it runs at every start: the usual library cost a third of the time of
 * a one-shot verb.
 */
final class Arguments {
  private final Map<String, String> options;
  private final Optional<String> operand;

  private Arguments(Map<String, String> options, Optional<String> operand) {
    this.options = Map.copyOf(options);
    this.operand = operand;
  }

  /**
   * Reads words.
   *
   * @throws UsageException for an option that {@code syntax} does not have, one without its value
   *     or named twice, and an operand too many or too few
   */
  static Arguments parse(VerbSyntax syntax, List<String> words) throws UsageException {
    Map<String, String> options = new HashMap<>();
    Optional<String> operand = Optional.empty();
    boolean optionsEnded = false;
    for (Iterator<String> rest = words.iterator(); rest.hasNext(); ) {
      String word = rest.next();
      if (!optionsEnded && word.equals("--")) {
        optionsEnded = true;
      } else if (!optionsEnded && word.startsWith("-") && word.length() > 1) {
        readOption(syntax, word, rest, options);
      } else if (syntax.operand().isEmpty() || operand.isPresent()) {
        throw new UsageException("too many arguments: '" + word + "'");
      } else {
        operand = Optional.of(word);
      }
    }
    if (operand.isEmpty() && syntax.operand().filter(VerbSyntax.Operand::required).isPresent()) {
      throw new UsageException(syntax.operand().get().name() + " is missing");
    }
    return new Arguments(options, operand);
  }

  private static void readOption(
      VerbSyntax syntax, String word, Iterator<String> rest, Map<String, String> options)
      throws UsageException {
    int equals = word.indexOf('=');
    String name = equals < 0 ? word : word.substring(0, equals);
    VerbSyntax.Option option =
        syntax.options().stream()
            .filter(known ->
                known.name().equals(name) || known.shortName().filter(name::equals).isPresent())
            .findFirst()
            .orElseThrow(() -> new UsageException("unknown option '" + name + "'"));
    String value = equals < 0 ? "" : word.substring(equals + 1);
    if (option.value().isEmpty() && equals >= 0) {
      throw new UsageException("option " + name + " takes no value");
    }
    if (option.value().isPresent() && equals < 0) {
      if (!rest.hasNext()) {
        throw new UsageException("option " + name + " needs a value: " + option.value().get());
      }
      value = rest.next();
    }
    if (options.put(option.name(), value) != null) {
      throw new UsageException("option " + name + " is given twice");
    }
  }

  /** Whether the option of that long name is there. */
  boolean has(String option) {
    return options.containsKey(option);
  }

  /** The value of the option of that long name. */
  Optional<String> value(String option) {
    return Optional.ofNullable(options.get(option));
  }

  /** The operand. */
  Optional<String> operand() {
    return operand;
  }

  /** The operand of a verb that requires one. */
  String requiredOperand() {
    return operand.orElseThrow(() -> new IllegalStateException("the syntax does not require it"));
  }
}
