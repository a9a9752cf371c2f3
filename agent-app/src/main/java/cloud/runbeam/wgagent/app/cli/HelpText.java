package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.command.CommandSyntax;
import java.util.List;
import java.util.Optional;

/** What {@code help} prints. */
final class HelpText {
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
    StringBuilder text =
        new StringBuilder(command.summary())
            .append("\n\nUsage: wg-agent ")
            .append(command.usage())
            .append('\n');
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
    StringBuilder text =
        new StringBuilder(verb.summary()).append("\n\nUsage: ").append(verb.usage()).append('\n');
    Optional<VerbSyntax.Operand> operand = verb.operand();
    if (operand.isPresent() || !verb.options().isEmpty()) {
      text.append('\n');
    }
    operand.ifPresent(what -> line(text, what.name(), what.description()));
    verb.options().forEach(option -> line(text, option.text(), option.description()));
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String description) {
    text.append("  ")
        .append(name)
        .repeat(' ', Math.max(2, 20 - name.length()))
        .append(description)
        .append('\n');
  }
}
