package cloud.runbeam.wgagent.platform.linux.testkit;

import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.NamespaceCalls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A network namespace with its loopback up, in which one thread lives. Sockets, devices and
 * processes that the thread makes are there too; the namespace ends with the last of them.
 */
public final class PrivateNetwork implements AutoCloseable {
  /** Longer than anything here takes; a test that waits this long has failed. */
  public static final long PATIENCE_S = 20;

  private static final ThreadFactory THREADS =
      task -> {
        Thread thread = new Thread(task, "private-network");
        thread.setDaemon(true);
        return thread;
      };

  private final ExecutorService inside = Executors.newSingleThreadExecutor(THREADS);
  private final String path;

  /** A new namespace. */
  public PrivateNetwork() {
    path =
        call(() -> {
          int result = NamespaceCalls.unshareNetwork();
          if (result < 0) {
            throw new AssertionError(
                "unshare(CLONE_NEWNET): "
                    + Errno.describe(-result)
                    + ": this test makes network namespaces, TUN devices and sockets in them;"
                    + " run it as root, or with CAP_SYS_ADMIN and CAP_NET_ADMIN");
          }
          return Path.of("/proc/thread-self").toRealPath() + "/ns/net";
        });
    sh("ip link set lo up");
  }

  /** A file that names the namespace, for {@code ip link set DEVICE netns PATH}. */
  public String path() {
    return path;
  }

  /** Runs something inside and waits for it. */
  public <T> T call(Callable<T> task) {
    return get(inside.submit(task));
  }

  /** Runs something inside and waits for it. */
  public void run(Task task) {
    call(() -> {
      task.run();
      return true;
    });
  }

  /** Runs a shell command inside; its output. It must exit with 0. */
  public String sh(String command) {
    return call(() -> finish(start(command), command));
  }

  /** Starts a shell command inside. */
  public Process begin(String command) {
    return call(() -> start(command));
  }

  private static Process start(String command) throws IOException {
    return new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
  }

  /** Waits for a process to exit with 0; its output. */
  public static String finish(Process process, String command) {
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(command + " does not end");
      }
      if (process.exitValue() != 0) {
        throw new AssertionError(command + " exits with " + process.exitValue() + ": " + output);
      }
      return output;
    } catch (IOException failure) {
      throw new AssertionError(failure);
    } catch (InterruptedException interruption) {
      throw new AssertionError(interruption);
    }
  }

  /** The result of a task, which must come soon. */
  public static <T> T get(Future<T> task) {
    try {
      return task.get(PATIENCE_S, TimeUnit.SECONDS);
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof Error error) {
        throw error;
      }
      throw new CompletionException(failure.getCause());
    } catch (InterruptedException | TimeoutException failure) {
      throw new AssertionError(failure);
    }
  }

  @Override
  public void close() {
    inside.shutdownNow();
  }

  /** Something to do inside. */
  @FunctionalInterface
  public interface Task {
    /** Does it. */
    void run() throws Exception;
  }
}
