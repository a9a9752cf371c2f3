package cloud.runbeam.wgagent.app.wiring;

/**
 * The order in which things begin; they end in reverse. The web server, which nobody needs to have
 * a tunnel, comes last by its own choice.
 */
final class LifecyclePhases {
  /** Tunnels first. */
  static final int TUNNELS = 0;

  /** Then the control socket, so that whoever reaches it finds the tunnels up. */
  static final int CONTROL = 100;

  private LifecyclePhases() {}
}
