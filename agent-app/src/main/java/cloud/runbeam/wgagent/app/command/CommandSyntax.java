package cloud.runbeam.wgagent.app.command;

import java.util.List;
import java.util.Optional;

/**
 * How a command is written.
 *
 * @param name one or two words: {@code status}, {@code peer set}
 * @param aliases other names
 * @param summary one sentence for the overview
 * @param operands what stands beside the options, in order; required ones first
 * @param options in the order of the help
 * @param examples whole command lines without the program's name, each with what it is for
 */
public record CommandSyntax(
    String name,
    List<String> aliases,
    String summary,
    List<Operand> operands,
    List<Option> options,
    List<Example> examples) {
  /** Every command that asks the agent takes this. */
  public static final Option JSON =
      Option.flag("--json", "print the agent's answer as JSON, as received");

  /** Copies the lists. */
  public CommandSyntax {
    aliases = List.copyOf(aliases);
    operands = List.copyOf(operands);
    options = List.copyOf(options);
    examples = List.copyOf(examples);
  }

  /** What a word stands for, so that a console can complete it. */
  public enum Kind {
    /** The name of a network. */
    NETWORK,
    /** The name or public key of a peer. */
    PEER,
    /** A file of this machine. */
    FILE,
    /** Anything else. */
    TEXT
  }

  /**
   * A word beside the options.
   *
   * @param name in capitals
   * @param kind what it stands for
   * @param required whether it must be there
   * @param description one sentence
   */
  public record Operand(String name, Kind kind, boolean required, String description) {}

  /**
   * An option.
   *
   * @param name with its hyphens, {@code --config}
   * @param shortName another spelling, {@code -f}
   * @param value in capitals, if a value follows
   * @param kind what the value stands for
   * @param repeatable whether it may be given several times
   * @param description one sentence
   */
  public record Option(
      String name,
      Optional<String> shortName,
      Optional<String> value,
      Kind kind,
      boolean repeatable,
      String description) {
    /** An option that is there or is not. */
    public static Option flag(String name, String description) {
      return new Option(name, Optional.empty(), Optional.empty(), Kind.TEXT, false, description);
    }

    /** An option with a value. */
    public static Option value(String name, String value, Kind kind, String description) {
      return new Option(name, Optional.empty(), Optional.of(value), kind, false, description);
    }

    /** The same option, to be given as often as wanted. */
    public Option repeated() {
      return new Option(name, shortName, value, kind, true, description);
    }

    /** As it stands in the help. */
    public String text() {
      return shortName.map(brief -> brief + ", ").orElse("")
          + name
          + value.map(what -> " " + what).orElse("");
    }
  }

  /**
   * A command line.
   *
   * @param line without the program's name
   * @param purpose what it is for
   */
  public record Example(String line, String purpose) {}

  /** The option of that name or short name. */
  Optional<Option> option(String spelled) {
    return options.stream()
        .filter(option ->
            option.name().equals(spelled) || option.shortName().filter(spelled::equals).isPresent())
        .findFirst();
  }

  /** The line that shows how to write it, without the program's name. */
  public String usage() {
    StringBuilder line = new StringBuilder(name);
    for (Option option : options) {
      line.append(" [").append(option.text().replace(", ", "|")).append(']');
      line.append(option.repeatable() ? "..." : "");
    }
    for (Operand operand : operands) {
      line.append(operand.required() ? " " + operand.name() : " [" + operand.name() + "]");
    }
    return line.toString();
  }
}
