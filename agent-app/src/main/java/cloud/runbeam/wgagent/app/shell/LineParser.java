package cloud.runbeam.wgagent.app.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.shell.core.command.CommandArgument;
import org.springframework.shell.core.command.CommandParser;
import org.springframework.shell.core.command.ParsedInput;

/**
 * A line to a command and its words. Which words are options is the command's business: it reads
 * them exactly as the verb of the command line does.
 *
 * <p>Words are separated by blanks; quotes of either kind keep blanks, a backslash keeps the next
 * character. Nothing else means anything: no variables, no patterns, no pipes.
 */
public final class LineParser implements CommandParser {
  private final CommandCatalog catalog;

  /** A parser for the commands of {@code catalog}. */
  public LineParser(CommandCatalog catalog) {
    this.catalog = catalog;
  }

  @Override
  public ParsedInput parse(String line) {
    List<String> words = words(line);
    Optional<CommandCatalog.Found> found = catalog.find(words);
    if (found.isEmpty()) {
      String first = words.isEmpty() ? "" : words.getFirst();
      return new ParsedInput(first, List.of(), List.of(), List.of());
    }
    String[] name = found.get().command().getName().split(" ", -1);
    List<CommandArgument> arguments = new ArrayList<>();
    for (String word : found.get().rest()) {
      arguments.add(new CommandArgument(arguments.size(), word));
    }
    return new ParsedInput(
        name[0], List.of(name).subList(1, name.length), List.of(), List.copyOf(arguments));
  }

  /**
   * The words of a line.
   *
   * @throws LineSyntaxException if a quote is not closed
   */
  static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean inWord = false;
    char quote = 0;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\\' && quote != '\'' && i + 1 < line.length()) {
        word.append(line.charAt(++i));
        inWord = true;
      } else if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else {
          word.append(c);
        }
      } else if (c == '"' || c == '\'') {
        quote = c;
        inWord = true;
      } else if (Character.isWhitespace(c)) {
        if (inWord) {
          words.add(word.toString());
          word.setLength(0);
          inWord = false;
        }
      } else {
        word.append(c);
        inWord = true;
      }
    }
    if (quote != 0) {
      throw new LineSyntaxException("the line has a quote (" + quote + ") that is not closed");
    }
    if (inWord) {
      words.add(word.toString());
    }
    return words;
  }
}
