package cloud.runbeam.wgagent.app.host;

import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Undoes what a dead agent has left, the latest change first. A change is undone only if it is
 * still there and still ours: an interface with another index is another interface, a rule must be
 * equal in everything, a setting must have our value. What went with its interface is not left over
 * and not spoken of.
 */
final class Recovery {
  private static final String NOT_THERE = "it is gone, or somebody else's by now";

  private final Machine machine;
  private final JournalStore journals;
  private final Predicate<String> keepsKillSwitch;
  private final boolean dryRun;
  private final List<Leftover> found = new ArrayList<>();
  private final Map<String, Boolean> gone = new HashMap<>();
  private final Map<String, Map.Entry<Long, HostChange.KillSwitched>> kept = new TreeMap<>();

  /**
   * Does nothing yet.
   *
   * @param keepsKillSwitch networks whose kill switch is to stay
   * @param dryRun whether to look only
   */
  Recovery(
      Machine machine, JournalStore journals, Predicate<String> keepsKillSwitch, boolean dryRun) {
    this.machine = machine;
    this.journals = journals;
    this.keepsKillSwitch = keepsKillSwitch;
    this.dryRun = dryRun;
  }

  /** Goes through all journals. */
  List<Leftover> run() {
    Map<String, ChangeJournal> opened = open();
    // The kill switch is one for all networks: taking one out needs to know the others.
    opened.forEach(this::rememberKillSwitch);
    opened.forEach((network, journal) -> {
      undo(network, journal);
      journal.close();
    });
    return List.copyOf(found);
  }

  /** Kill switches that stay, by network, with the numbers of their entries. */
  Map<String, Map.Entry<Long, HostChange.KillSwitched>> kept() {
    return kept;
  }

  private Map<String, ChangeJournal> open() {
    Map<String, ChangeJournal> opened = new TreeMap<>();
    try {
      for (String network : journals.networks()) {
        try {
          opened.put(network, journals.open(network));
        } catch (IOException unreadable) {
          tell(
              network, "journal", Leftover.Outcome.FAILED, String.valueOf(unreadable.getMessage()));
        }
      }
    } catch (IOException unreadable) {
      tell("", "journals", Leftover.Outcome.FAILED, String.valueOf(unreadable.getMessage()));
    }
    return opened;
  }

  private void rememberKillSwitch(String network, ChangeJournal journal) {
    if (journal.sameEpoch()) {
      for (String entry : journal.open().values()) {
        HostChangeText.parse(entry)
            .filter(HostChange.KillSwitched.class::isInstance)
            .map(HostChange.KillSwitched.class::cast)
            .ifPresent(change -> machine.fence().remember(network, change.tunnel()));
      }
    }
  }

  private void undo(String network, ChangeJournal journal) {
    journal.damage().forEach(damage -> tell(network, "journal", Leftover.Outcome.FAILED, damage));
    List<Long> settled = new ArrayList<>();
    for (Map.Entry<Long, String> entry : new ArrayList<>(journal.open().entrySet()).reversed()) {
      Optional<HostChange> change = HostChangeText.parse(entry.getValue());
      if (change.isEmpty()) {
        tell(
            network,
            entry.getValue(),
            Leftover.Outcome.FAILED,
            "this version of wg-agent does not know how to undo it");
      } else if (undo(network, journal, entry.getKey(), change.get())) {
        settled.add(entry.getKey());
      }
    }
    if (!dryRun) {
      settle(network, journal, settled);
    }
  }

  /** Whether the entry is done with. */
  private boolean undo(String network, ChangeJournal journal, long number, HostChange change) {
    String what = change.describe();
    if (!journal.sameEpoch() && !change.outlivesBoot()) {
      return tell(network, what, Leftover.Outcome.NOT_OURS, "it ended with the last boot");
    }
    try {
      if (change.bearer().isPresent() && isGone(change.bearer().get())) {
        return true;
      }
      if (!change.isOurs(machine)) {
        return tell(network, what, Leftover.Outcome.NOT_OURS, NOT_THERE);
      }
      if (change instanceof HostChange.KillSwitched killSwitch
          && keepsKillSwitch.test(network)
          && !kept.containsKey(network)) {
        kept.put(network, Map.entry(number, killSwitch));
        tell(network, what, Leftover.Outcome.KEPT, "until the network is disconnected");
        return false;
      }
      boolean replaced = change instanceof HostChange.KillSwitched && kept.containsKey(network);
      if (replaced) {
        return true;
      }
      return (dryRun || change.undo(machine))
          ? tell(network, what, Leftover.Outcome.UNDONE, "")
          : tell(network, what, Leftover.Outcome.NOT_OURS, NOT_THERE);
    } catch (PlatformException refused) {
      tell(network, what, Leftover.Outcome.FAILED, String.valueOf(refused.getMessage()));
      return false;
    }
  }

  /** Asked once for each interface, which may have borne a hundred thousand routes. */
  private boolean isGone(Device device) throws PlatformException {
    Boolean known = gone.get(device.name());
    if (known == null) {
      known = machine.platform().interfaces().index(device.name()).isEmpty();
      gone.put(device.name(), known);
    }
    return known;
  }

  private void settle(String network, ChangeJournal journal, List<Long> settled) {
    try {
      journal.settle(settled);
    } catch (IOException failed) {
      tell(network, "journal", Leftover.Outcome.FAILED, String.valueOf(failed.getMessage()));
    }
  }

  private boolean tell(String network, String what, Leftover.Outcome outcome, String detail) {
    found.add(new Leftover(network, what, outcome, detail));
    return true;
  }
}
