package cloud.runbeam.wgagent.app.device;

/**
 * Closes a resource when its block is left or when the process is told to end, whichever comes
 * first; the process waits for that. The resource's {@code close} must be idempotent.
 *
 * @param <T> the resource
 */
public final class Stopping<T extends Stopping.Resource> implements AutoCloseable {
  /** Something whose {@code close} throws nothing checked. */
  public interface Resource extends AutoCloseable {
    @Override
    void close();
  }

  private final T resource;
  private final Thread hook;

  private Stopping(T resource, Runnable afterwards) {
    this.resource = resource;
    this.hook =
        Thread.ofPlatform()
            .name("stop")
            .unstarted(() -> {
              resource.close();
              afterwards.run();
            });
  }

  /**
   * Takes {@code resource} over.
   *
   * @param afterwards runs after the resource was closed because the process is told to end, on a
   *     thread of its own
   */
  public static <T extends Resource> Stopping<T> atExit(T resource, Runnable afterwards) {
    Stopping<T> stopping = new Stopping<>(resource, afterwards);
    try {
      Runtime.getRuntime().addShutdownHook(stopping.hook);
    } catch (IllegalStateException e) {
      // The process is ending already.
      resource.close();
    }
    return stopping;
  }

  /** The resource. */
  public T get() {
    return resource;
  }

  @Override
  public void close() {
    resource.close();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: the hook runs, and finds nothing left to do.
      return;
    }
  }
}
