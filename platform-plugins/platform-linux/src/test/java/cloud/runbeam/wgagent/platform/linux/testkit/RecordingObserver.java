package cloud.runbeam.wgagent.platform.linux.testkit;

import cloud.runbeam.wgagent.engine.io.LinkObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Writes down what it hears, to be asked for in order. */
public final class RecordingObserver implements LinkObserver {
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

  @Override
  public void linkUp() {
    heard.add("up");
  }

  @Override
  public void linkDown() {
    heard.add("down");
  }

  @Override
  public void mtuChanged(int mtuBytes) {
    heard.add("mtu " + mtuBytes);
  }

  @Override
  public void linkDeleted() {
    heard.add("deleted");
  }

  /** The next thing heard, waiting for it. */
  public String next() {
    try {
      @Nullable String next = heard.poll(PrivateNetwork.PATIENCE_S, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("nothing heard");
      }
      return next;
    } catch (InterruptedException interruption) {
      throw new AssertionError(interruption);
    }
  }

  /** Whether nothing more was heard so far. */
  public boolean isQuiet() {
    return heard.isEmpty();
  }
}
