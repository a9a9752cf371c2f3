package cloud.runbeam.wgagent.app.tunnel;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one host name: its addresses as last found, asked for again when somebody wants
 * that, with growing pauses while there is no answer. The last addresses are kept when a later
 * question fails.
 *
 * <pre>
 *   want() ──▶ due ──begin()──▶ asking ──collect()──▶ answered: known until wanted again
 *               ▲                              └────▶ refused: due after 1, 2, 4 .. 60 s
 * </pre>
 *
 * <p>Called under the network's lock; only the question itself runs elsewhere.
 */
final class NameLookup {
  private static final long FIRST_PAUSE_NS = 1_000_000_000L;
  private static final long LONGEST_PAUSE_NS = 60_000_000_000L;

  private final String host;
  private List<InetAddress> addresses = List.of();
  private @Nullable String problem;
  private @Nullable CompletableFuture<List<InetAddress>> asking;
  private boolean wanted = true;
  private long notBeforeNs;
  private boolean paused;
  private long pauseNs = FIRST_PAUSE_NS;

  NameLookup(String host) {
    this.host = host;
  }

  List<InetAddress> addresses() {
    return addresses;
  }

  /** Why the last question had no answer; a resolver that keeps us waiting is a reason too. */
  Optional<String> problem() {
    return isUndecided()
        ? Optional.of("no answer yet about " + host)
        : Optional.ofNullable(problem);
  }

  /** Whether neither an answer nor a refusal is there yet. */
  boolean isUndecided() {
    return addresses.isEmpty() && problem == null;
  }

  boolean isAsking() {
    return asking != null;
  }

  boolean isDue(long nowNs) {
    return wanted && asking == null && (!paused || nowNs - notBeforeNs >= 0);
  }

  /** The addresses may be others now: ask again, as soon as the pause allows. */
  void want() {
    wanted = true;
  }

  /** The network changed: what could not be answered may be answered now. */
  void wantAtOnce() {
    wanted = true;
    paused = false;
    pauseNs = FIRST_PAUSE_NS;
  }

  void begin(NameResolver resolver, Executor executor) {
    wanted = false;
    asking =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return resolver.resolve(host);
              } catch (UnknownHostException unknown) {
                throw new CompletionException(unknown);
              }
            },
            executor);
  }

  /** Takes the answer in; whether there was one, or a refusal. */
  boolean collect(long nowNs) {
    CompletableFuture<List<InetAddress>> question = asking;
    if (question == null || !question.isDone()) {
      return false;
    }
    asking = null;
    paused = true;
    try {
      addresses = List.copyOf(question.join());
      problem = null;
      pauseNs = FIRST_PAUSE_NS;
      notBeforeNs = nowNs + FIRST_PAUSE_NS;
    } catch (CompletionException refused) {
      problem =
          refused.getCause() instanceof UnknownHostException
              ? "cannot resolve " + host
              : "cannot resolve " + host + " (" + refused.getCause() + ")";
      wanted = true;
      notBeforeNs = nowNs + pauseNs;
      pauseNs = Math.min(pauseNs * 2, LONGEST_PAUSE_NS);
    }
    return true;
  }
}
