package cloud.runbeam.wgagent.app.shell;

import cloud.runbeam.wgagent.app.command.CommandSyntax;
import java.util.ArrayList;
import java.util.List;

/** A verb of the command line that the console offers too, such as {@code export}. */
public final class LocalCommand extends ConsoleCommand {
  private final Verbs verbs;

  /** Runs verbs as the command line does, on this process's standard streams. */
  @FunctionalInterface
  public interface Verbs {
    /** The exit code of the verb that is the first word. */
    int run(List<String> words);
  }

  /** The verb of that name. */
  public LocalCommand(CommandSyntax syntax, Verbs verbs) {
    super(syntax);
    this.verbs = verbs;
  }

  @Override
  int run(List<String> words) {
    List<String> line = new ArrayList<>();
    line.add(syntax().name());
    line.addAll(words);
    return verbs.run(line);
  }
}
