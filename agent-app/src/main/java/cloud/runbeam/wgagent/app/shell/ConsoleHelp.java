package cloud.runbeam.wgagent.app.shell;

import cloud.runbeam.wgagent.app.command.CommandSyntax;
import java.util.List;

/** What {@code help} says, no line longer than 80 columns as long as the descriptions are short. */
final class ConsoleHelp {
  private static final int INDENTATION = 2;
  private static final int NAME_COLUMNS = 22;
  private static final int COLUMNS = 80;

  private ConsoleHelp() {}

  /** All commands. */
  static String overview(List<CommandSyntax> commands) {
    StringBuilder text = new StringBuilder();
    commands.forEach(command -> entry(text, command.name(), command.summary()));
    return text.append(
            """

            'help COMMAND' tells more, with examples. Tab completes commands, options, and
            the names of networks and peers. Ctrl-C ends a command, Ctrl-D the console.
            """)
        .toString();
  }

  /** One command with its operands, options and examples. */
  static String of(CommandSyntax command) {
    StringBuilder text = new StringBuilder(command.summary()).append("\n\n");
    wrap(text, "Usage: " + command.name(), "       ", usage(command));
    if (!command.aliases().isEmpty()) {
      text.append("Also: ").append(String.join(", ", command.aliases())).append('\n');
    }
    if (!command.operands().isEmpty() || !command.options().isEmpty()) {
      text.append('\n');
    }
    command.operands().forEach(operand -> entry(text, operand.name(), operand.description()));
    command.options().forEach(option -> entry(text, option.text(), option.description()));
    if (!command.examples().isEmpty()) {
      text.append("\nExamples:\n");
      command
          .examples()
          .forEach(example -> {
            text.append("  ").append(example.line()).append('\n');
            wrap(text, "     ", "      ", List.of(example.purpose().split(" ", -1)));
          });
    }
    return text.toString();
  }

  private static List<String> usage(CommandSyntax command) {
    String line = command.usage().substring(command.name().length()).strip();
    // Brackets stay together with what they enclose.
    return line.isEmpty() ? List.of() : List.of(line.split(" (?=\\[|[A-Z_]+(?: |$))", -1));
  }

  private static void entry(StringBuilder text, String name, String description) {
    String start = " ".repeat(INDENTATION) + name;
    String padded =
        start + " ".repeat(Math.max(1, INDENTATION + NAME_COLUMNS - start.length() - 1));
    wrap(
        text,
        padded,
        " ".repeat(INDENTATION + NAME_COLUMNS - 1),
        List.of(description.split(" ", -1)));
  }

  private static void wrap(
      StringBuilder text, String start, String indentation, List<String> words) {
    StringBuilder line = new StringBuilder(start);
    for (String word : words) {
      if (line.length() + 1 + word.length() > COLUMNS && line.length() > indentation.length()) {
        text.append(line.toString().stripTrailing()).append('\n');
        line.setLength(0);
        line.append(indentation);
      }
      line.append(' ').append(word);
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }
}
