package cloud.runbeam.wgagent.app.host;

import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedCollection;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one network has changed on this machine.
 *
 * <pre>
 *   protect    the kill switch, before the interface exists
 *   apply      the difference between what stands and what is wanted:
 *                write all that is about to be made into the journal, fsync
 *                make it, in the order of {@link HostPlan}
 *                undo what is no longer wanted, in reverse order, and cross it off
 *                a refusal: all of this backwards
 *   clear      undo everything; addresses and routes go with the interface, which the caller closes
 * </pre>
 *
 * <p>The journal entry of a change is on disk before the change is made and is crossed off after it
 * is undone, so that at no moment anything stands that the journal does not know. Called under the
 * network's lock, one thread at a time; {@link #status} too.
 */
public final class HostNetwork {
  private static final Logger log = LoggerFactory.getLogger(HostNetwork.class);

  private final String network;
  private final Machine machine;
  private final JournalStore journals;

  /** What stands, in the order in which it was made, with the numbers of the journal's entries. */
  private final Map<HostChange, Long> standing = new LinkedHashMap<>();

  private @Nullable ChangeJournal journal;
  private List<String> remarks = List.of();
  private int mark;

  HostNetwork(String network, Machine machine, JournalStore journals) {
    this.network = network;
    this.machine = machine;
    this.journals = journals;
  }

  /**
   * The mark that the outer socket needs: the configured one; else, for a default route or a kill
   * switch, one that nobody on this machine uses, which stays the same until {@link #clear}; else
   * 0. To be set before the first packet is sent.
   */
  public int fwmark(HostSettings settings) throws PlatformException {
    mark = HostPlan.fwmark(settings, machine);
    return mark;
  }

  /**
   * Raises the kill switch if the network has one. To be called before the interface is created and
   * after endpoint names are resolved; {@link #apply} leaves it in place.
   */
  public void protect(HostSettings settings) throws PlatformException {
    Optional<HostChange> killSwitch = HostPlan.killSwitch(settings, machine);
    if (killSwitch.isEmpty()) {
      return;
    }
    if (!standing.containsKey(killSwitch.get())) {
      new Transaction().make(List.of(killSwitch.get()));
    } else if (machine.fence().leak().isPresent()) {
      // Another program has flushed the firewall, or an agent before this one raised it.
      List<String> _ = killSwitch.get().make(machine);
    }
  }

  /**
   * Makes the difference between what stands and what is wanted; sets the link up. The interface
   * must exist.
   *
   * @throws PlatformException if the system refuses something, or if the journal cannot be written;
   *     what this call has done is undone then, but a kill switch stays
   */
  public void apply(HostSettings wanted) throws PlatformException {
    protect(wanted);
    HostPlan plan = new HostPlan(wanted, device(wanted), machine, standing.keySet(), true);
    List<HostChange> target = plan.changes();
    Set<HostChange> wantedNow = new LinkedHashSet<>(target);
    List<HostChange> missing =
        target.stream().filter(change -> !standing.containsKey(change)).toList();
    List<HostChange> surplus =
        new ArrayList<>(
            standing.keySet().stream().filter(change -> !wantedNow.contains(change)).toList());
    mark = HostPlan.fwmark(wanted, machine);
    Transaction transaction = new Transaction();
    try {
      transaction.make(missing);
      transaction.takeBack(surplus.reversed());
      mend(surplus);
    } catch (PlatformException refused) {
      transaction.rollBack(refused);
      throw refused;
    }
    List<String> remarksNow = new ArrayList<>(plan.remarks());
    remarksNow.addAll(transaction.remarks);
    remarks = List.copyOf(remarksNow);
    remarks.forEach(remark -> log.warn("network {}: {}", network, remark));
  }

  /** What {@link #apply} would do; changes nothing. */
  public HostDiff plan(HostSettings wanted) throws PlatformException {
    HostPlan plan = new HostPlan(wanted, device(wanted), machine, standing.keySet(), false);
    return HostDiffs.between(standing.keySet(), plan.changes());
  }

  /**
   * Undoes everything, the kill switch last: for an explicit disconnect. What the system refuses to
   * undo stays in the journal and is told in the log. Addresses and routes are left to go with the
   * interface, which the caller closes after this.
   */
  public void clear() {
    takeDown(true);
    machine.numbers().release(network);
    mark = 0;
  }

  /** As {@link #clear}, but the kill switch stays: the tunnel has failed, or the agent ends. */
  public void clearButKillSwitch() {
    takeDown(false);
  }

  /** How things stand; asks the system. */
  public HostStatus status() {
    Optional<HostStatus.Verdict> verdict =
        standing.keySet().stream().anyMatch(HostChange.KillSwitched.class::isInstance)
            ? Optional.of(verdict())
            : Optional.empty();
    OptionalInt table =
        standing.keySet().stream()
            .filter(HostChange.RuleAdded.class::isInstance)
            .map(change -> ((HostChange.RuleAdded) change).rule())
            .filter(rule -> rule.inverted())
            .mapToInt(rule -> rule.table())
            .findFirst();
    return new HostStatus(dnsBackend(), verdict, table, mark, remarks);
  }

  private String dnsBackend() {
    return standing.keySet().stream().anyMatch(HostChange.NameServers.class::isInstance)
        ? machine.platform().dns().backend().name()
        : "none";
  }

  private HostStatus.Verdict verdict() {
    try {
      return machine
          .fence()
          .leak()
          .map(gap -> new HostStatus.Verdict(false, gap))
          .orElseGet(() ->
              new HostStatus.Verdict(
                  true, "the firewall was read back: nothing leaves outside the tunnel"));
    } catch (PlatformException refused) {
      return new HostStatus.Verdict(false, String.valueOf(refused.getMessage()));
    }
  }

  /** Knows of a kill switch that an agent before this one raised. */
  void inherit(HostChange.KillSwitched killSwitch, long number) {
    standing.put(killSwitch, number);
    machine.fence().remember(network, killSwitch.tunnel());
  }

  private Device device(HostSettings settings) throws PlatformException {
    String name = settings.interfaceName();
    return new Device(name, machine.platform().interfaces().index(name).orElse(0));
  }

  private void takeDown(boolean killSwitchToo) {
    List<Long> settled = new ArrayList<>();
    for (HostChange change : new ArrayList<>(standing.keySet()).reversed()) {
      if (change instanceof HostChange.KillSwitched && !killSwitchToo) {
        continue;
      }
      Long number = standing.get(change);
      try {
        if (change.bearer().isEmpty()) {
          change.undo(machine);
        }
        settled.add(number);
        standing.remove(change);
      } catch (PlatformException refused) {
        log.error(
            "network {}: {} is left over: {}; run wg-agent cleanup when that is mended",
            network,
            change.describe(),
            refused.getMessage());
      }
    }
    settle(settled);
  }

  /**
   * The kernel may take more away than it was asked to: with the first IPv4 address of a subnet the
   * others go, with the last one all IPv4 routes of the interface. Puts back what is missing.
   */
  private void mend(List<HostChange> removed) throws PlatformException {
    if (removed.stream().noneMatch(HostChange.Address.class::isInstance)) {
      return;
    }
    for (HostChange change : standing.keySet()) {
      if (change instanceof HostChange.Address || change instanceof HostChange.Route) {
        List<String> _ = change.make(machine);
      }
    }
  }

  private ChangeJournal journal() throws PlatformException {
    ChangeJournal opened = journal;
    if (opened == null) {
      try {
        opened = journals.open(network);
        journal = opened;
      } catch (IOException failed) {
        throw unwritable(failed);
      }
    }
    return opened;
  }

  private List<Long> intend(List<HostChange> changes) throws PlatformException {
    try {
      return journal().intend(changes.stream().map(HostChange::text).toList());
    } catch (IOException failed) {
      throw unwritable(failed);
    }
  }

  /**
   * An entry that cannot be crossed off is undone once more at the next start; that is harmless.
   */
  private void settle(List<Long> numbers) {
    ChangeJournal opened = journal;
    if (opened == null || numbers.isEmpty()) {
      return;
    }
    try {
      opened.settle(numbers);
    } catch (IOException failed) {
      log.warn("network {}: {}", network, failed.getMessage());
    }
  }

  private PlatformException unwritable(IOException failed) {
    return new PlatformException(
        "cannot write down what is about to be changed for network " + network,
        String.valueOf(failed.getMessage()),
        "nothing is changed that could not be undone after a crash; make room in agent.state_dir"
            + " and make it writable for this user");
  }

  /** One apply: what it has done, to be undone backwards. */
  private final class Transaction {
    private final Deque<Inverse> done = new ArrayDeque<>();
    private final List<String> remarks = new ArrayList<>();

    void make(List<HostChange> changes) throws PlatformException {
      if (changes.isEmpty()) {
        return;
      }
      Map<String, HostChange> slots = new HashMap<>();
      standing.keySet().forEach(change -> slots.put(change.slot(), change));
      List<Long> numbers = intend(changes);
      List<Long> settled = new ArrayList<>();
      int begun = 0;
      try {
        for (HostChange change : changes) {
          HostChange replaced = slots.get(change.slot());
          if (replaced instanceof HostChange.Address) {
            takeBack(List.of(replaced));
            replaced = null;
          }
          long number = numbers.get(begun);
          begun++;
          try {
            remarks.addAll(change.make(machine));
          } catch (PlatformException refused) {
            settled.add(number);
            if (!change.isOptional()) {
              throw refused;
            }
            remarks.add(String.valueOf(refused.getMessage()));
            continue;
          }
          if (replaced == null) {
            done.push(() -> undo(change));
          } else {
            HostChange before = replaced;
            settled.add(standing.get(before));
            standing.remove(before);
            done.push(() -> replace(change, before));
          }
          standing.put(change, number);
        }
      } finally {
        settled.addAll(numbers.subList(begun, numbers.size()));
        settle(settled);
      }
    }

    void takeBack(SequencedCollection<HostChange> changes) throws PlatformException {
      List<Long> settled = new ArrayList<>();
      try {
        for (HostChange change : changes) {
          Long number = standing.get(change);
          if (number == null) {
            // Replaced by a change of the same slot.
            continue;
          }
          change.undo(machine);
          settled.add(number);
          standing.remove(change);
          done.push(() -> remake(change));
        }
      } finally {
        settle(settled);
      }
    }

    void rollBack(PlatformException reason) {
      while (!done.isEmpty()) {
        try {
          done.pop().run();
        } catch (PlatformException refused) {
          reason.addSuppressed(refused);
          log.error("network {}: not undone: {}", network, refused.getMessage());
        }
      }
    }

    private void undo(HostChange change) throws PlatformException {
      if (change instanceof HostChange.KillSwitched) {
        return;
      }
      change.undo(machine);
      Long number = standing.remove(change);
      settle(number == null ? List.of() : List.of(number));
    }

    private void remake(HostChange change) throws PlatformException {
      long number = intend(List.of(change)).getFirst();
      List<String> _ = change.make(machine);
      standing.put(change, number);
    }

    private void replace(HostChange made, HostChange before) throws PlatformException {
      remake(before);
      Long number = standing.remove(made);
      settle(number == null ? List.of() : List.of(number));
    }
  }

  /** One step backwards. */
  @FunctionalInterface
  private interface Inverse {
    void run() throws PlatformException;
  }
}
