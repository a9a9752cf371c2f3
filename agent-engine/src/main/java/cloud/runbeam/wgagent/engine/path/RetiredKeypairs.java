package cloud.runbeam.wgagent.engine.path;

import cloud.runbeam.wgagent.engine.session.Keypair;
import java.util.ArrayDeque;

/**
 * Keypairs out of use whose keys may still be in the hands of a packet thread for the length of a
 * batch. Wiping them at once could make a packet leave under a key of zeros; so they wait here
 * until both packet threads have passed a quiescent point. Conductor only.
 */
final class RetiredKeypairs {
  private record Waiting(Keypair keypair, long outboundTicket, long inboundTicket) {}

  private final Quiescence outbound;
  private final Quiescence inbound;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

  RetiredKeypairs(Quiescence outbound, Quiescence inbound) {
    this.outbound = outbound;
    this.inbound = inbound;
  }

  /** Takes a keypair that no table refers to any more. */
  void add(Keypair keypair) {
    waiting.addLast(new Waiting(keypair, outbound.ticket(), inbound.ticket()));
    wipePassed();
  }

  /** Wipes those that nobody can hold any more; returns whether some still wait. */
  boolean wipePassed() {
    while (!waiting.isEmpty()) {
      Waiting oldest = waiting.peekFirst();
      if (!outbound.hasPassed(oldest.outboundTicket) || !inbound.hasPassed(oldest.inboundTicket)) {
        return true;
      }
      waiting.removeFirst();
      oldest.keypair.close();
    }
    return false;
  }

  /** Whether some wait. */
  boolean isWaiting() {
    return !waiting.isEmpty();
  }

  /** Wipes all; only when the packet threads have ended. */
  void wipeAll() {
    waiting.forEach(entry -> entry.keypair.close());
    waiting.clear();
  }
}
