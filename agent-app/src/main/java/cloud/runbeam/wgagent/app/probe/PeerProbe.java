package cloud.runbeam.wgagent.app.probe;

import cloud.runbeam.wgagent.platform.api.Echoes.Outcome;
import cloud.runbeam.wgagent.platform.api.Echoes.Reply;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.OptionalInt;

/** Probes one peer: a short echo at each step, and a long one when its length is in question. */
final class PeerProbe {
  /** An IP packet as {@code ping} sends it. */
  static final int SHORT_BYTES = 84;

  private final MtuSearch search;
  private final Deque<Boolean> answers = new ArrayDeque<>();
  private Optional<Duration> latency = Optional.empty();

  PeerProbe(boolean ipv6) {
    this.search = new MtuSearch(ipv6);
  }

  /** Asks once or twice, and says how things are. */
  ProbeResult step(Asker asker, int interfaceMtuBytes, long nowNs) {
    Optional<String> problem = Optional.empty();
    try {
      Reply reply = asker.ask(SHORT_BYTES);
      note(reply);
      if (reply.outcome() == Outcome.ANSWERED) {
        OptionalInt length = search.next(interfaceMtuBytes, nowNs);
        if (length.isPresent()) {
          search.tried(asker.ask(length.getAsInt()).outcome() == Outcome.ANSWERED, nowNs);
        }
      } else if (answers.stream().noneMatch(Boolean::booleanValue)) {
        problem = Optional.of(describe(reply.outcome()));
      }
    } catch (PlatformException refused) {
      problem = Optional.of(String.valueOf(refused.getMessage()));
    }
    return new ProbeResult(latency, lossRatio(), search.found(), search.isBlackHole(), problem);
  }

  /** Whether the next step should follow soon. */
  boolean isSearching() {
    return search.isUnderWay();
  }

  private void note(Reply reply) {
    boolean answered = reply.outcome() == Outcome.ANSWERED;
    answers.addLast(answered);
    if (answers.size() > ProbeResult.WINDOW) {
      answers.removeFirst();
    }
    if (answered) {
      latency = Optional.of(reply.roundTrip());
    }
  }

  private double lossRatio() {
    long lost = answers.stream().filter(answered -> !answered).count();
    return answers.isEmpty() ? 0 : (double) lost / answers.size();
  }

  private static String describe(Outcome outcome) {
    return switch (outcome) {
      case UNREACHABLE -> "the system knows no way to the probe address: wg-agent why ADDRESS";
      case TOO_LARGE -> "the interface does not even take short packets: look at its MTU";
      case LOST, ANSWERED ->
          "the probe address does not answer: see whether the machine there answers ping, and"
              + " wg-agent why ADDRESS";
    };
  }

  /** Asks this peer. */
  @FunctionalInterface
  interface Asker {
    Reply ask(int packetBytes) throws PlatformException;
  }
}
