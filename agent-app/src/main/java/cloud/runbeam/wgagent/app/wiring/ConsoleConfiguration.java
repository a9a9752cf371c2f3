package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.command.Command;
import cloud.runbeam.wgagent.app.command.CommandSyntax;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Operand;
import cloud.runbeam.wgagent.app.command.Commands;
import cloud.runbeam.wgagent.app.shell.AgentCommand;
import cloud.runbeam.wgagent.app.shell.AgentLink;
import cloud.runbeam.wgagent.app.shell.CommandCatalog;
import cloud.runbeam.wgagent.app.shell.CommandLine;
import cloud.runbeam.wgagent.app.shell.ConsoleHistory;
import cloud.runbeam.wgagent.app.shell.ConsoleScreen;
import cloud.runbeam.wgagent.app.shell.ExitCommand;
import cloud.runbeam.wgagent.app.shell.HelpCommand;
import cloud.runbeam.wgagent.app.shell.InteractiveConsole;
import cloud.runbeam.wgagent.app.shell.LineCompleter;
import cloud.runbeam.wgagent.app.shell.LineParser;
import cloud.runbeam.wgagent.app.shell.LocalCommand;
import cloud.runbeam.wgagent.app.shell.NameSource;
import cloud.runbeam.wgagent.app.shell.ScriptConsole;
import cloud.runbeam.wgagent.app.shell.WatchCommand;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.shell.core.command.CommandRegistry;
import org.springframework.shell.jline.CommandHighlighter;
import org.springframework.shell.jline.ExtendedDefaultParser;

/**
 * The beans of the console. Those of the terminal are lazy: a script has none.
 *
 * <p>Spring Shell's auto-configuration is not used: it decides at build time whether there is a
 * terminal, keeps its history in the working directory, and drops exit codes.
 */
@Configuration(proxyBeanMethods = false)
class ConsoleConfiguration {
  /** Verbs of the command line that are of use here, too. */
  private static final List<CommandSyntax> LOCAL =
      List.of(
          local(
              "validate",
              "Check a configuration file and show what is wrong with it.",
              List.of(new Operand("FILE", Kind.FILE, true, "the TOML file")),
              new Example("validate /etc/wg-agent/config.toml", "before a reload")),
          local(
              "export",
              "Print a network of the configuration for wg-quick.",
              List.of(new Operand("NETWORK", Kind.NETWORK, true, "which")),
              new Example("export office", "without keys: wg-quick fetches them")),
          local(
              "selftest",
              "Check cryptography, a tunnel in this process, and this host.",
              List.of(),
              new Example("selftest", "a table of what passed, and why not")));

  private static CommandSyntax local(
      String name, String summary, List<Operand> operands, Example example) {
    return new CommandSyntax(name, List.of(), summary, operands, List.of(), List.of(example));
  }

  @Bean(destroyMethod = "close")
  AgentLink agentLink(ConsoleSettings settings) {
    return new AgentLink(settings.agent());
  }

  /** Closing it gives the terminal back as it was. */
  @Bean(destroyMethod = "close")
  @Lazy
  Terminal terminal() {
    try {
      return TerminalBuilder.builder().name("wg-agent").system(true).jni(false).build();
    } catch (IOException e) {
      throw new UncheckedIOException("the terminal cannot be used", e);
    }
  }

  @Bean
  ConsoleScreen consoleScreen(ConsoleSettings settings, ObjectProvider<Terminal> terminals) {
    if (!settings.terminal()) {
      return new ConsoleScreen(settings.out(), settings.err(), false, () -> 0);
    }
    Terminal terminal = terminals.getObject();
    PrintStream stream = new PrintStream(terminal.output(), true, StandardCharsets.UTF_8);
    return new ConsoleScreen(stream, stream, settings.colours(), terminal::getWidth);
  }

  @Bean
  CommandRegistry commandRegistry() {
    return new CommandRegistry();
  }

  @Bean
  ExitCommand exitCommand() {
    return new ExitCommand();
  }

  @Bean
  CommandCatalog commandCatalog(
      ConsoleSettings settings,
      CommandRegistry registry,
      AgentLink link,
      ConsoleScreen screen,
      ExitCommand exit,
      ObjectProvider<Terminal> terminals) {
    CommandCatalog catalog = new CommandCatalog(registry);
    for (Command command : Commands.all()) {
      catalog.add(new AgentCommand(command, link, screen));
    }
    Optional<Terminal> terminal =
        settings.terminal() ? Optional.of(terminals.getObject()) : Optional.empty();
    catalog.add(new WatchCommand(terminal, link, screen));
    LOCAL.forEach(syntax -> catalog.add(new LocalCommand(syntax, settings.verbs())));
    catalog.add(new HelpCommand(catalog, screen));
    catalog.add(exit);
    return catalog;
  }

  @Bean
  CommandLine commandLine(CommandCatalog catalog, CommandRegistry registry, ConsoleScreen screen) {
    return new CommandLine(new LineParser(catalog), catalog, registry, screen);
  }

  @Bean
  @Lazy
  LineReader lineReader(
      ConsoleSettings settings,
      Terminal terminal,
      CommandCatalog catalog,
      CommandRegistry registry,
      AgentLink link) {
    LineReaderBuilder builder =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("wg-agent")
            .parser(new ExtendedDefaultParser())
            .completer(new LineCompleter(catalog, new NameSource(link)))
            .history(new ConsoleHistory())
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .option(LineReader.Option.HISTORY_TIMESTAMPED, false)
            .option(LineReader.Option.BRACKETED_PASTE, settings.colours());
    if (settings.colours()) {
      builder.highlighter(new CommandHighlighter(registry));
    }
    ConsoleHistory.file(settings.variables())
        .flatMap(ConsoleHistory::prepare)
        .ifPresent(file -> builder.variable(LineReader.HISTORY_FILE, file));
    return builder.build();
  }

  @Bean
  @Lazy
  InteractiveConsole interactiveConsole(
      Terminal terminal,
      LineReader reader,
      CommandLine line,
      ExitCommand exit,
      AgentLink link,
      ConsoleScreen screen) {
    return new InteractiveConsole(terminal, reader, line, exit, link, screen);
  }

  @Bean
  @Lazy
  ScriptConsole scriptConsole(
      ConsoleSettings settings, CommandLine line, ExitCommand exit, ConsoleScreen screen) {
    return new ScriptConsole(settings.in(), line, exit, screen);
  }
}
