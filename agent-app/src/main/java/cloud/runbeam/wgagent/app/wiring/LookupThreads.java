package cloud.runbeam.wgagent.app.wiring;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A thread of its own for each question to the resolver. Not a virtual one: the question waits
 * inside the C library, where it would hold on to one of the few threads that carry all virtual
 * ones, and two dead names would stop the control socket.
 */
final class LookupThreads implements Executor {
  private final AtomicInteger count = new AtomicInteger();

  @Override
  public void execute(Runnable question) {
    Thread.ofPlatform().daemon().name("wg-lookup-" + count.incrementAndGet()).start(question);
  }
}
