package cloud.runbeam.wgagent.app.cli;

import java.util.List;
import java.util.Optional;

/** What {@code help} prints. */
final class HelpText {
  private HelpText() {}

  /** All verbs with their summaries. */
  static String overview(List<VerbSyntax> verbs) {
    StringBuilder text =
        new StringBuilder(
            """
            wg-agent: a WireGuard agent; tunnels, keys, and the tools around them.

            Usage: wg-agent VERB [OPTION]... [ARGUMENT]

            Verbs:
            """);
    verbs.forEach(verb -> line(text, verb.name(), verb.summary()));
    line(text, "help [VERB]", "Tell more about a verb.");
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
