package cloud.runbeam.wgagent.app;

import cloud.runbeam.wgagent.app.cli.Terminal;
import cloud.runbeam.wgagent.app.cli.Verbs;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the launcher and the packagers run once to record which classes and methods a tunnel needs
 * (JEP 514, JEP 515): a demonstration, then seconds of full load in memory. Leaves nothing behind.
 * Not a verb: nobody else has a use for it.
 */
public final class AotTraining {
  private AotTraining() {}

  /** Trains; {@code args} are further options of the demonstration. */
  static void main(String[] args) throws IOException {
    Verbs verbs =
        new Verbs(
            Terminal.ofProcess(),
            Map.of(),
            config -> {
              throw new IllegalStateException("training runs no agent: " + config);
            },
            (agent, local) -> {
              throw new IllegalStateException("training opens no console: " + agent);
            });
    String[] demo =
        Stream.concat(Stream.of("demo", "--once"), Stream.of(args)).toArray(String[]::new);
    int exitCode = verbs.run("version");
    try (RehearsedAgent agent = RehearsedAgent.start()) {
      String socket = agent.socket().toString();
      exitCode = Math.max(exitCode, verbs.run("status", "--socket", socket));
      exitCode = Math.max(exitCode, verbs.run("networks", "--json", "--socket", socket));
    }
    exitCode = Math.max(exitCode, verbs.run(demo));
    exitCode = Math.max(exitCode, verbs.run("bench", "--seconds", "3"));
    System.exit(exitCode);
  }
}
