package cloud.runbeam.wgagent.app.control.rpc;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.JsonNode;

/** Keeps what a method tells unasked. */
public final class Told implements Notifications {
  private final List<JsonNode> told = new CopyOnWriteArrayList<>();
  private final List<Runnable> endings = new CopyOnWriteArrayList<>();
  private volatile boolean open = true;

  /** The parameters of all notifications so far. */
  public List<JsonNode> told() {
    return told;
  }

  /** Ends the connection. */
  public void end() {
    open = false;
    endings.forEach(Runnable::run);
  }

  @Override
  public void send(String method, JsonNode params) {
    told.add(params);
  }

  @Override
  public void afterReply(Runnable begin) {
    begin.run();
  }

  @Override
  public Object connection() {
    return this;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void whenClosed(Runnable ended) {
    endings.add(ended);
  }
}
