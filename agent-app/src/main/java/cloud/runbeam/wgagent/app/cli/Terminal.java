package cloud.runbeam.wgagent.app.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The three standard streams of a verb; tests pass their own.
 *
 * @param in standard input
 * @param out results: what a script reads
 * @param err everything said to a person
 */
public record Terminal(InputStream in, PrintStream out, PrintStream err) {
  /** The process's own streams, UTF-8 whatever the locale. */
  public static Terminal ofProcess() {
    return new Terminal(
        new FileInputStream(FileDescriptor.in),
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
  }
}
