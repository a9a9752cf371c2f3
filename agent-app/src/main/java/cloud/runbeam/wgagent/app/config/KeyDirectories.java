package cloud.runbeam.wgagent.app.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The directories below which callers that are not root may name key files. A link below them may
 * lead elsewhere below the same directory, never out of it; and what lies outside is not looked at,
 * so that a refusal tells nothing about it.
 */
public final class KeyDirectories implements KeySourceRule {
  /** As many as Linux follows (path_resolution(7)). */
  private static final int MAX_LINKS = 40;

  private static final Path UP = Path.of("..");
  private static final Path HERE = Path.of(".");

  private final List<Path> directories;

  /** Directories, absolute. */
  public KeyDirectories(List<Path> directories) {
    this.directories = directories.stream().map(Path::normalize).toList();
  }

  @Override
  public Optional<String> refusal(KeySource source) {
    if (!(source instanceof KeySource.File file)) {
      return Optional.of("only root may name variables and credentials of the agent");
    }
    Path path = file.path().normalize();
    for (Path directory : directories) {
      if (path.startsWith(directory) && !path.equals(directory) && staysBelow(directory, path)) {
        return Optional.empty();
      }
    }
    return Optional.of(
        directories.isEmpty()
            ? "control.key_dirs is empty: only root may name key files"
            : "callers other than root may only name key files below "
                + directories.stream().map(Path::toString).collect(Collectors.joining(", ")));
  }

  /**
   * Walks from the directory to the file, one name at a time, as the kernel would. What does not
   * exist is below where it was looked for.
   */
  private static boolean staysBelow(Path directory, Path path) {
    Path top;
    try {
      top = directory.toRealPath();
    } catch (IOException _) {
      return true; // There is no such directory, hence nothing below it that could lead out.
    }
    Deque<Path> names = new ArrayDeque<>();
    directory.relativize(path).forEach(names::addLast);
    Path at = top;
    int links = 0;
    while (!names.isEmpty()) {
      Path name = names.removeFirst();
      if (name.equals(HERE) || name.toString().isEmpty()) {
        continue;
      }
      Path next = name.equals(UP) ? at.getParent() : at.resolve(name);
      if (next == null || !next.startsWith(top)) {
        return false;
      }
      if (!Files.isSymbolicLink(next)) {
        at = next;
        continue;
      }
      Path target = target(next);
      if (target == null || ++links > MAX_LINKS) {
        return false;
      }
      if (target.isAbsolute()) {
        Path start = target.startsWith(top) ? top : directory;
        if (!target.startsWith(start)) {
          return false;
        }
        at = top;
        target = start.relativize(target);
      }
      prepend(names, target);
    }
    return true;
  }

  private static @Nullable Path target(Path link) {
    try {
      return Files.readSymbolicLink(link);
    } catch (IOException _) {
      return null; // Replaced meanwhile: whoever does that has no good in mind.
    }
  }

  private static void prepend(Deque<Path> names, Path target) {
    for (int i = target.getNameCount() - 1; i >= 0; i--) {
      names.addFirst(target.getName(i));
    }
  }
}
