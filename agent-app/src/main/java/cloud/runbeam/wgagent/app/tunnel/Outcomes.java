package cloud.runbeam.wgagent.app.tunnel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * What becomes of several networks that are changed side by side, so that none waits for another.
 * One thread begins and awaits.
 */
final class Outcomes {
  private final Executor executor;
  private final Map<String, CompletableFuture<NetworkDiff>> running = new LinkedHashMap<>();
  private final List<NetworkDiff> diffs = new ArrayList<>();
  private final List<TunnelException> failures = new ArrayList<>();

  Outcomes(Executor executor) {
    this.executor = executor;
  }

  void begin(String network, Change change) {
    running.put(
        network,
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return change.make();
              } catch (TunnelException refused) {
                throw new CompletionException(refused);
              }
            },
            executor));
  }

  /** Waits for all that was begun. */
  void await() {
    for (CompletableFuture<NetworkDiff> change : running.values()) {
      try {
        diffs.add(change.join());
      } catch (CompletionException failed) {
        if (failed.getCause() instanceof TunnelException refused) {
          failures.add(refused);
        } else {
          throw failed;
        }
      }
    }
    running.clear();
  }

  /**
   * What was changed, in the order in which it was begun.
   *
   * @throws TunnelException if anything failed, with all that failed
   */
  List<NetworkDiff> diffs() throws TunnelException {
    if (failures.isEmpty()) {
      return List.copyOf(diffs);
    }
    TunnelException first = failures.getFirst();
    TunnelException all =
        new TunnelException(
            first.reason(),
            String.join("; ", failures.stream().map(Throwable::getMessage).toList()),
            first);
    failures.stream().skip(1).forEach(all::addSuppressed);
    throw all;
  }

  /** One network's change. */
  @FunctionalInterface
  interface Change {
    NetworkDiff make() throws TunnelException;
  }
}
