package cloud.runbeam.wgagent.app.cli;

import java.util.List;
import java.util.Optional;

/**
 * How a verb is written.
 *
 * @param name the word
 * @param summary one sentence for the overview
 * @param operand what may stand beside the options, if anything may
 * @param options in the order of the help
 */
record VerbSyntax(String name, String summary, Optional<Operand> operand, List<Option> options) {
  /** Copies the list. */
  VerbSyntax {
    options = List.copyOf(options);
  }

  /**
   * The one word beside the options.
   *
   * @param name in capitals
   * @param required whether it must be there
   * @param description one sentence
   */
  record Operand(String name, boolean required, String description) {}

  /**
   * An option.
   *
   * @param name with its hyphens, {@code --config}
   * @param shortName another spelling, {@code -f}
   * @param value in capitals, if a value follows
   * @param description one sentence
   */
  record Option(
      String name, Optional<String> shortName, Optional<String> value, String description) {
    /** An option that is there or is not. */
    static Option flag(String name, String description) {
      return new Option(name, Optional.empty(), Optional.empty(), description);
    }

    /** An option with a value. */
    static Option value(String name, String value, String description) {
      return new Option(name, Optional.empty(), Optional.of(value), description);
    }

    /** As it stands in the help. */
    String text() {
      return shortName.map(brief -> brief + ", ").orElse("")
          + name
          + value.map(what -> " " + what).orElse("");
    }
  }

  /** A verb without options and operands. */
  static VerbSyntax bare(String name, String summary) {
    return new VerbSyntax(name, summary, Optional.empty(), List.of());
  }

  /** The line that shows how to write it. */
  String usage() {
    StringBuilder line = new StringBuilder("wg-agent ").append(name);
    for (Option option : options) {
      line.append(" [").append(option.text().replace(", ", "|")).append(']');
    }
    operand.ifPresent(
        what -> line.append(what.required() ? " " + what.name() : " [" + what.name() + "]"));
    return line.toString();
  }
}
