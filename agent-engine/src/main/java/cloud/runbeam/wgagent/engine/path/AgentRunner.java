package cloud.runbeam.wgagent.engine.path;

import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Gives an agent a thread of its own and reports how it ended. */
public final class AgentRunner {
  private final Agent agent;
  private final Consumer<@Nullable Throwable> onEnd;
  private final Thread thread;

  /**
   * A runner that has not started.
   *
   * @param onEnd called once on the agent's thread after it ended and closed; null, or why it
   *     failed
   */
  public AgentRunner(Agent agent, Consumer<@Nullable Throwable> onEnd) {
    this.agent = agent;
    this.onEnd = onEnd;
    this.thread = Thread.ofPlatform().daemon().name(agent.name()).unstarted(this::run);
  }

  /** Starts the thread. */
  public void start() {
    thread.start();
  }

  /** The thread, to wake or to join. */
  public Thread thread() {
    return thread;
  }

  private void run() {
    Throwable failure = null;
    try {
      boolean more = true;
      while (more) {
        more = agent.doWork();
      }
    } catch (IOException | RuntimeException | Error e) {
      failure = e;
    }
    try {
      agent.onClose();
    } finally {
      onEnd.accept(failure);
    }
  }
}
