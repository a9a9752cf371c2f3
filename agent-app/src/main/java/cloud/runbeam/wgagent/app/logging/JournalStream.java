package cloud.runbeam.wgagent.app.logging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Whether standard output goes to journald: systemd then names the stream's device and inode in
 * {@code JOURNAL_STREAM} (systemd.exec(5)). A child whose output was redirected inherits the
 * variable but not the stream, so both are compared.
 */
public final class JournalStream {
  private static final Path STANDARD_OUTPUT = Path.of("/proc/self/fd/1");

  private JournalStream() {}

  /** Whether this process writes to the journal directly. */
  public static boolean isStandardOutput(Map<String, String> environment) {
    return is(environment, STANDARD_OUTPUT);
  }

  static boolean is(Map<String, String> environment, Path stream) {
    String named = environment.get("JOURNAL_STREAM");
    if (named == null) {
      return false;
    }
    try {
      return named.equals(
          Files.getAttribute(stream, "unix:dev") + ":" + Files.getAttribute(stream, "unix:ino"));
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException _) {
      return false; // no such system, then no journal either
    }
  }
}
