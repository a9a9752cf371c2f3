package cloud.runbeam.wgagent.app.shell;

import cloud.runbeam.wgagent.app.command.CommandSyntax;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Operand;
import java.util.List;
import java.util.Optional;

/** {@code help}: all commands, or more about one. */
public final class HelpCommand extends ConsoleCommand {
  static final String NAME = "help";

  private final CommandCatalog catalog;
  private final ConsoleScreen screen;

  /** Help about the commands of {@code catalog}. */
  public HelpCommand(CommandCatalog catalog, ConsoleScreen screen) {
    super(
        new CommandSyntax(
            NAME,
            List.of("?"),
            "List the commands, or tell more about one.",
            List.of(new Operand("COMMAND", Kind.TEXT, false, "its name, one word or two")),
            List.of(),
            List.of(new Example("help connect", "arguments, options and examples"))));
    this.catalog = catalog;
    this.screen = screen;
  }

  @Override
  int run(List<String> words) {
    if (words.isEmpty()) {
      screen.out().print(ConsoleHelp.overview(catalog.syntaxes()));
      screen.out().flush();
      return 0;
    }
    Optional<CommandCatalog.Found> found = catalog.find(words);
    if (found.isEmpty()) {
      screen.problem(catalog.unknown(words.getFirst()));
      return USAGE;
    }
    screen.out().print(found.get().command().getHelp());
    screen.out().flush();
    return 0;
  }
}
