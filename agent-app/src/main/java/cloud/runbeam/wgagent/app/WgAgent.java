package cloud.runbeam.wgagent.app;

/** Entry point of every verb. */
public final class WgAgent {
  private WgAgent() {}

  static void main(String[] args) {
    System.exit(args.length);
  }
}
