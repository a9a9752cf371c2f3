package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.client.ControlException;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.io.IOException;

/** One word of the command line and what it does. */
interface Verb {
  /** How it is written and described. */
  VerbSyntax syntax();

  /**
   * Does it.
   *
   * @param arguments in the form that {@link #syntax} asks for
   * @return the exit code: 0 done, {@link Verbs#FAILED} after a message on standard error
   * @throws UsageException if the arguments contradict each other
   */
  int run(Arguments arguments)
      throws UsageException, PlatformException, DeviceException, ControlException, IOException;
}
