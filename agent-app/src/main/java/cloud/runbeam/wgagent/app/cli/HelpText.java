package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.command.CommandSyntax;
import java.util.List;
import java.util.Optional;

/** What {@code help} prints. */
final class HelpText {
  private static final int COLUMNS = 80;

  /** Where descriptions begin. */
  private static final int DESCRIPTIONS = 22;

  private HelpText() {}

  /** All verbs with their summaries; {@code commands} are those that ask a running agent. */
  static String overview(List<VerbSyntax> verbs, List<CommandSyntax> commands) {
    StringBuilder text =
        new StringBuilder(
            """
            wg-agent: a WireGuard agent; tunnels, keys, and the tools around them.

            Usage: wg-agent VERB [OPTION]... [ARGUMENT]...

            Verbs:
            """);
    verbs.forEach(verb -> line(text, verb.name(), verb.summary()));
    line(text, "help [VERB]", "Tell more about a verb.");
    text.append("\nVerbs that ask the running agent:\n");
    commands.forEach(command -> line(text, command.name(), command.summary()));
    return text.toString();
  }

  /** One command with its options and examples. */
  static String of(CommandSyntax command) {
    StringBuilder text = new StringBuilder(command.summary()).append("\n\n");
    fold(text, "Usage: wg-agent " + command.usage(), 0, 4);
    if (!command.aliases().isEmpty()) {
      text.append("Also: ").append(String.join(", ", command.aliases())).append('\n');
    }
    text.append('\n');
    command.operands().forEach(what -> line(text, what.name(), what.description()));
    command.options().forEach(option -> line(text, option.text(), option.description()));
    if (!command.examples().isEmpty()) {
      text.append("\nExamples:\n");
      command
          .examples()
          .forEach(example ->
              text.append("  wg-agent ")
                  .append(example.line())
                  .append("\n      ")
                  .append(example.purpose())
                  .append('\n'));
    }
    return text.toString();
  }

  /** One verb with its options. */
  static String of(VerbSyntax verb) {
    StringBuilder text = new StringBuilder(verb.summary()).append("\n\n");
    fold(text, "Usage: " + verb.usage(), 0, 4);
    Optional<VerbSyntax.Operand> operand = verb.operand();
    if (operand.isPresent() || !verb.options().isEmpty()) {
      text.append('\n');
    }
    operand.ifPresent(what -> line(text, what.name(), what.description()));
    verb.options().forEach(option -> line(text, option.text(), option.description()));
    return text.toString();
  }

  /** A name and behind it, in a column of its own, what it means. */
  private static void line(StringBuilder text, String name, String description) {
    text.append("  ").append(name);
    int column = name.length() + 2;
    if (column > DESCRIPTIONS - 2) {
      text.append('\n');
      column = 0;
    }
    text.repeat(' ', DESCRIPTIONS - column);
    fold(text, description, DESCRIPTIONS, DESCRIPTIONS);
  }

  /** Appends words, beginning a line anew where they would leave the screen. */
  private static void fold(StringBuilder text, String words, int column, int indent) {
    int at = column;
    String separator = "";
    for (String word : words.split(" ", -1)) {
      if (!separator.isEmpty() && at + 1 + word.length() > COLUMNS) {
        text.append('\n').repeat(' ', indent);
        at = indent;
        separator = "";
      }
      text.append(separator).append(word);
      at += separator.length() + word.length();
      separator = " ";
    }
    text.append('\n');
  }
}
