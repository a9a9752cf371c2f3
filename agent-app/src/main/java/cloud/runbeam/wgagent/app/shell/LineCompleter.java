package cloud.runbeam.wgagent.app.shell;

import cloud.runbeam.wgagent.app.command.CommandSyntax;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Option;
import java.util.List;
import java.util.Optional;
import org.jline.builtins.Completers.FileNameCompleter;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;

/**
 * Completes the word under the cursor: a command, an option of it, or what stands at that place:
 * networks, peers, files. Spring Shell's own completer knows commands and options only.
 */
public final class LineCompleter implements Completer {
  private final CommandCatalog catalog;
  private final NameSource names;
  private final FileNameCompleter files = new FileNameCompleter();

  /** Completes the commands of {@code catalog} with names from the agent. */
  public LineCompleter(CommandCatalog catalog, NameSource names) {
    this.catalog = catalog;
    this.names = names;
  }

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    List<String> before = line.words().subList(0, line.wordIndex());
    Optional<CommandCatalog.Found> found = catalog.find(before);
    if (found.isEmpty()) {
      commands(before, candidates);
    } else if (found.get().command().getName().equals(HelpCommand.NAME)) {
      commands(found.get().rest(), candidates);
    } else {
      words(found.get(), reader, line, candidates);
      secondWords(before, candidates);
    }
  }

  private void commands(List<String> before, List<Candidate> candidates) {
    if (!before.isEmpty()) {
      secondWords(before, candidates);
      return;
    }
    for (CommandSyntax command : catalog.syntaxes()) {
      String first = command.name().split(" ", 2)[0];
      boolean twoWords = !first.equals(command.name());
      candidates.add(candidate(first, twoWords ? "" : command.summary()));
    }
  }

  private void secondWords(List<String> before, List<Candidate> candidates) {
    if (before.size() != 1) {
      return;
    }
    for (CommandSyntax command : catalog.syntaxes()) {
      if (command.name().startsWith(before.getFirst() + " ")) {
        candidates.add(
            candidate(command.name().substring(before.getFirst().length() + 1), command.summary()));
      }
    }
  }

  private void words(
      CommandCatalog.Found found, LineReader reader, ParsedLine line, List<Candidate> candidates) {
    CommandSyntax syntax = found.command().syntax();
    int operand = 0;
    Optional<Option> valueOf = Optional.empty();
    for (String word : found.rest()) {
      if (valueOf.isPresent()) {
        valueOf = Optional.empty();
      } else if (word.startsWith("-")) {
        valueOf = option(syntax, word).filter(option -> option.value().isPresent());
      } else {
        operand++;
      }
    }
    if (valueOf.isPresent()) {
      ofKind(valueOf.get().kind(), reader, line, candidates);
    } else if (line.word().startsWith("-")) {
      syntax
          .options()
          .forEach(option -> candidates.add(candidate(option.name(), option.description())));
    } else if (operand < syntax.operands().size()) {
      ofKind(syntax.operands().get(operand).kind(), reader, line, candidates);
    }
  }

  private static Optional<Option> option(CommandSyntax syntax, String word) {
    return syntax.options().stream()
        .filter(option ->
            option.name().equals(word) || option.shortName().filter(word::equals).isPresent())
        .findFirst();
  }

  private void ofKind(Kind kind, LineReader reader, ParsedLine line, List<Candidate> candidates) {
    switch (kind) {
      case NETWORK -> names.networks().forEach(name -> candidates.add(candidate(name, "")));
      case PEER -> names.peers().forEach(name -> candidates.add(candidate(name, "")));
      case FILE -> files.complete(reader, line, candidates);
      case TEXT -> {
        // Nobody but the user knows.
      }
    }
  }

  private static Candidate candidate(String word, String description) {
    return new Candidate(
        word, word, null, description.isEmpty() ? null : description, null, null, true);
  }
}
