package cloud.runbeam.wgagent.app.command;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The words behind a command's name: {@code --option}, {@code --option VALUE} or {@code
 * --option=VALUE} anywhere, operands, and {@code --} after which nothing is an option.
 *
 * <p>Written by hand because it runs at every start: the usual library cost a third of the time of
 * a one-shot command.
 */
public final class CommandArguments {
  private final Map<String, List<String>> options;
  private final List<String> operands;

  private CommandArguments(Map<String, List<String>> options, List<String> operands) {
    this.options = Map.copyOf(options);
    this.operands = List.copyOf(operands);
  }

  /**
   * Reads words.
   *
   * @throws CommandUsageException for an option that {@code syntax} does not have, one without its
   *     value or named twice, and an operand too many or too few
   */
  public static CommandArguments parse(CommandSyntax syntax, List<String> words)
      throws CommandUsageException {
    Map<String, List<String>> options = new HashMap<>();
    List<String> operands = new ArrayList<>();
    boolean optionsEnded = false;
    for (Iterator<String> rest = words.iterator(); rest.hasNext(); ) {
      String word = rest.next();
      if (!optionsEnded && word.equals("--")) {
        optionsEnded = true;
      } else if (!optionsEnded && word.startsWith("-") && word.length() > 1) {
        readOption(syntax, word, rest, options);
      } else if (operands.size() == syntax.operands().size()) {
        throw new CommandUsageException("too many arguments: '" + word + "'");
      } else {
        operands.add(word);
      }
    }
    if (operands.size() < syntax.operands().size()
        && syntax.operands().get(operands.size()).required()) {
      throw new CommandUsageException(
          syntax.operands().get(operands.size()).name() + " is missing");
    }
    return new CommandArguments(options, operands);
  }

  private static void readOption(
      CommandSyntax syntax, String word, Iterator<String> rest, Map<String, List<String>> options)
      throws CommandUsageException {
    int equals = word.indexOf('=');
    String name = equals < 0 ? word : word.substring(0, equals);
    CommandSyntax.Option option =
        syntax
            .option(name)
            .orElseThrow(() -> new CommandUsageException("unknown option '" + name + "'"));
    String value = equals < 0 ? "" : word.substring(equals + 1);
    if (option.value().isEmpty() && equals >= 0) {
      throw new CommandUsageException("option " + name + " takes no value");
    }
    if (option.value().isPresent() && equals < 0) {
      if (!rest.hasNext()) {
        throw new CommandUsageException(
            "option " + name + " needs a value: " + option.value().get());
      }
      value = rest.next();
    }
    List<String> values = options.computeIfAbsent(option.name(), _ -> new ArrayList<>());
    if (!values.isEmpty() && !option.repeatable()) {
      throw new CommandUsageException("option " + name + " is given twice");
    }
    values.add(value);
  }

  /** Whether the option of that long name is there. */
  public boolean has(CommandSyntax.Option option) {
    return options.containsKey(option.name());
  }

  /** The value of an option. */
  public Optional<String> value(CommandSyntax.Option option) {
    return values(option).stream().findFirst();
  }

  /** All values of an option, in the order given. */
  public List<String> values(CommandSyntax.Option option) {
    return options.getOrDefault(option.name(), List.of());
  }

  /**
   * The value of an option as a whole number.
   *
   * @throws CommandUsageException if it is none, or not in the range
   */
  public Optional<Long> number(CommandSyntax.Option option, long min, long max)
      throws CommandUsageException {
    Optional<String> text = value(option);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      long number = Long.parseLong(text.get());
      if (number >= min && number <= max) {
        return Optional.of(number);
      }
    } catch (NumberFormatException _) {
      // Told below.
    }
    throw new CommandUsageException(
        "option "
            + option.name()
            + " wants a whole number from "
            + min
            + " to "
            + max
            + ", not '"
            + text.get()
            + "'");
  }

  /** The operand at {@code index}, counted from 0. */
  public Optional<String> operand(int index) {
    return index < operands.size() ? Optional.of(operands.get(index)) : Optional.empty();
  }

  /** The operand at {@code index}, which the syntax requires. */
  public String required(int index) {
    return operand(index)
        .orElseThrow(() -> new IllegalStateException("the syntax does not require it"));
  }
}
