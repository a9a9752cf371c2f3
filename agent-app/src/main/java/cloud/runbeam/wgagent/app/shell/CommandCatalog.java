package cloud.runbeam.wgagent.app.shell;

import cloud.runbeam.wgagent.app.command.CommandSyntax;
import cloud.runbeam.wgagent.app.config.KeySuggestion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.shell.core.command.CommandRegistry;

/** The registered commands in the order of the help, found by words. Filled once, then read. */
public final class CommandCatalog {
  private final Map<String, ConsoleCommand> byName = new LinkedHashMap<>();
  private final CommandRegistry registry;

  /** A catalog that puts what is added into {@code registry}, too. */
  public CommandCatalog(CommandRegistry registry) {
    this.registry = registry;
  }

  /** Adds a command; its name must be free. */
  public void add(ConsoleCommand command) {
    if (byName.putIfAbsent(command.getName(), command) != null) {
      throw new IllegalArgumentException("two commands are called " + command.getName());
    }
    registry.registerCommand(command);
  }

  /** All commands as they are written. */
  List<CommandSyntax> syntaxes() {
    return byName.values().stream().map(ConsoleCommand::syntax).toList();
  }

  /** All names, some of them two words. */
  List<String> names() {
    return List.copyOf(byName.keySet());
  }

  /**
   * A command at the start of a line.
   *
   * @param command which
   * @param rest the words behind its name
   */
  record Found(ConsoleCommand command, List<String> rest) {}

  /** The command that {@code words} begin with, by name or alias; names of two words first. */
  Optional<Found> find(List<String> words) {
    for (int length = Math.min(2, words.size()); length > 0; length--) {
      String name = String.join(" ", words.subList(0, length));
      List<String> rest = words.subList(length, words.size());
      Optional<Found> found =
          byName.values().stream()
              .filter(each -> each.getName().equals(name) || each.getAliases().contains(name))
              .findFirst()
              .map(command -> new Found(command, rest));
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /** What to say about a word that is no command. */
  String unknown(String word) {
    List<String> known = new ArrayList<>(byName.keySet());
    byName.values().forEach(command -> known.addAll(command.getAliases()));
    return "unknown command '"
        + printable(word)
        + "'"
        + KeySuggestion.nearest(word, known)
            .map(name -> "; did you mean '" + name + "'?")
            .orElse(";")
        + " 'help' lists them all";
  }

  private static String printable(String word) {
    StringBuilder text = new StringBuilder();
    word.chars().forEach(c -> text.append(Character.isISOControl(c) ? '?' : (char) c));
    return text.toString();
  }
}
