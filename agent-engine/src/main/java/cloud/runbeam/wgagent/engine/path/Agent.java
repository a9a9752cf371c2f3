package cloud.runbeam.wgagent.engine.path;

import java.io.IOException;

/** A duty cycle that a thread, or a test, drives. */
public interface Agent {
  /** Name for the thread, at most 15 characters shown by the operating system. */
  String name();

  /**
   * One round of work: waits for work where the agent's port blocks, then does all that is there.
   *
   * @return false when the agent has ended
   * @throws IOException if a port failed for good; the device ends
   */
  boolean doWork() throws IOException;

  /** Releases what the agent owns; called once, on its thread, after the last round. */
  void onClose();
}
