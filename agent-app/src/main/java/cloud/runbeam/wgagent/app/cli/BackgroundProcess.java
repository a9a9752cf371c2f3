package cloud.runbeam.wgagent.app.cli;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Starts this process over again as a child that outlives us, and waits until it is ready.
 *
 * <p>The child has a pipe as its standard output. It writes {@link #READY} and closes it when the
 * device answers; if it ends before, it writes {@code exit CODE} after its message has gone to
 * standard error. The {@code wg-agent} launcher speaks the same protocol from its shell, so that no
 * second JVM is started there.
 */
final class BackgroundProcess {
  /** The line that says: the device answers on its socket. */
  static final String READY = "ready";

  private BackgroundProcess() {}

  /**
   * Starts the child with the same arguments.
   *
   * @return 0 when it is ready, otherwise its exit code
   */
  static int start(PrintStream err) {
    List<String> command = new ArrayList<>(sessionLeader());
    ProcessHandle.Info self = ProcessHandle.current().info();
    if (self.command().isEmpty() || self.arguments().isEmpty()) {
      err.println(
          "wg-agent: cannot go to the background: this system does not tell the command line of this process:"
              + " use --foreground");
      return Verbs.FAILED;
    }
    command.add(self.command().get());
    command.addAll(List.of(self.arguments().get()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(nullDevice()))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put(ProcessEnvironment.LAUNCHER_WAITS, "1");
    try {
      Process child = builder.start();
      String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return said.strip().equals(READY) ? 0 : Math.max(Verbs.FAILED, child.waitFor());
    } catch (IOException e) {
      err.println("wg-agent: cannot go to the background: " + e + ": use --foreground");
      return Verbs.FAILED;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Verbs.FAILED;
    }
  }

  /**
   * {@code setsid} where the system has it, so that neither Ctrl-C nor the end of the terminal
   * reaches the child.
   */
  private static List<String> sessionLeader() {
    return Stream.of("/usr/bin/setsid", "/bin/setsid", "/usr/bin/nohup")
        .filter(path -> new File(path).canExecute())
        .findFirst()
        .map(List::of)
        .orElse(List.of());
  }

  private static File nullDevice() {
    return new File(File.separatorChar == '\\' ? "NUL" : "/dev/null");
  }

  /** In the child: tells whoever waits, and lets go of its streams. */
  static void announceReady(Terminal terminal, boolean keepStandardError) {
    terminal.out().println(READY);
    // The JDK points a closed standard descriptor to the null device, so nothing written later goes
    // astray.
    terminal.out().close();
    if (!keepStandardError) {
      terminal.err().close();
    }
  }

  /** In the child: tells whoever waits that there will be no device. */
  static void announceFailure(Terminal terminal, int exitCode) {
    terminal.out().println("exit " + exitCode);
  }
}
