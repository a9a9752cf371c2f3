package cloud.runbeam.wgagent.engine.io;

/**
 * Hears what happens to a TUN device's link. Called on a thread of the plugin; must return quickly
 * and not throw.
 */
public interface LinkObserver {
  /**
   * The link was set up; UDP sockets should be open. Also called once at registration when the link
   * is up already.
   */
  void linkUp();

  /** The link was set down; UDP sockets should be closed and sessions forgotten. */
  void linkDown();

  /** The link's MTU changed. */
  void mtuChanged(int mtuBytes);

  /** The link was deleted by somebody else; the device ends. */
  void linkDeleted();
}
