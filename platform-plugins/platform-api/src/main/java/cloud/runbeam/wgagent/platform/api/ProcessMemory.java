package cloud.runbeam.wgagent.platform.api;

/** Memory that this process has mapped. Any thread. */
public interface ProcessMemory {
  /** Cannot give anything back. */
  ProcessMemory NONE = () -> 0;

  /**
   * Unmaps pages that were needed to start and that the system can bring back from their files when
   * they are touched again: code, archived classes. Changes nothing that the process can see but
   * its resident size. Takes some milliseconds; never throws.
   *
   * @return how many bytes were offered; 0 where that cannot be done
   */
  long giveBack();
}
