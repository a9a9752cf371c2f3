package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.client.ControlClient;
import cloud.runbeam.wgagent.client.ControlException;
import java.io.IOException;

/** One thing that can be asked of a running agent. Stateless; any thread. */
public interface Command {
  /** How it is written and described. */
  CommandSyntax syntax();

  /**
   * Reads its arguments, without an agent.
   *
   * @param arguments in the form that {@link #syntax} asks for
   * @throws CommandUsageException if they contradict each other or one is out of range
   */
  Action read(CommandArguments arguments) throws CommandUsageException;

  /** What is done once there is a connection. */
  @FunctionalInterface
  interface Action {
    /** Done. */
    int OK = 0;

    /** Carried out, and the answer is bad news. Refusals come as exceptions instead. */
    int FAILED = 1;

    /**
     * Does it.
     *
     * <p>An interrupt of the thread ends every wait: {@link ControlException} of kind {@code
     * INTERRUPTED}, except for commands that wait for nothing else, which then end well.
     *
     * @return the exit code
     * @throws ControlException if the agent refuses or does not answer
     * @throws IOException if the result cannot be written
     */
    int run(ControlClient agent, CommandOutput output) throws ControlException, IOException;
  }
}
