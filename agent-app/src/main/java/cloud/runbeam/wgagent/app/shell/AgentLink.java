package cloud.runbeam.wgagent.app.shell;

import cloud.runbeam.wgagent.client.ConnectOptions;
import cloud.runbeam.wgagent.client.ControlClient;
import cloud.runbeam.wgagent.client.ControlException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The console's connection to the agent: made when it is first needed, and anew after it broke, so
 * that a console outlives the agents it talks to. Any thread; one use at a time.
 */
public final class AgentLink implements AutoCloseable {
  private final ConnectOptions options;
  private @Nullable ControlClient client;

  /** A link that is not connected yet. */
  public AgentLink(ConnectOptions options) {
    this.options = options;
  }

  /** What is done over the connection. */
  @FunctionalInterface
  public interface Use<T> {
    /** Does it. */
    T with(ControlClient agent) throws ControlException, IOException;
  }

  /**
   * Does something over the connection.
   *
   * @throws ControlException if there is no agent, or it refuses; the message says what to do
   */
  public synchronized <T> T use(Use<T> use) throws ControlException, IOException {
    ControlClient agent = client;
    if (agent == null) {
      agent = ControlClient.connect(options);
      client = agent;
    }
    try {
      return use.with(agent);
    } catch (ControlException e) {
      if (e.kind() != ControlException.Kind.REFUSED) {
        close();
      }
      throw e;
    }
  }

  /** Ends the connection, if there is one; the next use makes another. */
  @Override
  public synchronized void close() {
    ControlClient agent = client;
    client = null;
    if (agent != null) {
      agent.close();
    }
  }
}
