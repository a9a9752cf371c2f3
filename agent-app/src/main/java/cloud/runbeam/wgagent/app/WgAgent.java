package cloud.runbeam.wgagent.app;

import cloud.runbeam.wgagent.app.cli.Terminal;
import cloud.runbeam.wgagent.app.cli.Verbs;

/** Entry point of every verb. */
public final class WgAgent {
  private WgAgent() {}

  static void main(String[] args) {
    Verbs verbs = new Verbs(Terminal.ofProcess(), System.getenv(), config -> 1);
    System.exit(verbs.run(args));
  }
}
