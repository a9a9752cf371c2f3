package cloud.runbeam.wgagent.engine;

import cloud.runbeam.wgagent.engine.path.ConductorAgent;
import cloud.runbeam.wgagent.engine.path.Quiescence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * Tells which threads of an engine hang, for whoever must decide to start the process again.
 *
 * <p>A thread that waits for packets or for commands is well, however long it waits. A packet
 * thread hangs when it is in the same batch as at the look before; the conductor, when it has not
 * run the command that the look before gave it. So looks must be further apart than any batch or
 * round may take: seconds. Costs packet threads nothing. One thread.
 */
public final class EnginePulse {
  private final ConductorAgent conductor;
  private final Supplier<Map<String, Quiescence>> packetThreads;
  private Map<Quiescence, Long> ticketsBefore = Map.of();
  private long asked;
  private volatile long answered;

  EnginePulse(ConductorAgent conductor, Supplier<Map<String, Quiescence>> packetThreads) {
    this.conductor = conductor;
    this.packetThreads = packetThreads;
  }

  /** Names of the threads that did not get on since the look before; the first finds none. */
  public List<String> hungSinceLastLook() {
    List<String> hung = new ArrayList<>();
    if (conductorHangs()) {
      hung.add(conductor.name());
    }
    Map<Quiescence, Long> tickets = new HashMap<>();
    packetThreads
        .get()
        .forEach((name, rounds) -> {
          Long before = ticketsBefore.get(rounds);
          if (before != null && !rounds.hasPassed(before)) {
            hung.add(name);
          }
          tickets.put(rounds, rounds.ticket());
        });
    ticketsBefore = tickets;
    return hung;
  }

  private boolean conductorHangs() {
    if (answered != asked) {
      return true;
    }
    long question = asked + 1;
    try {
      conductor.submit(() -> answered = question);
    } catch (RejectedExecutionException full) {
      return true;
    }
    asked = question;
    return false;
  }
}
