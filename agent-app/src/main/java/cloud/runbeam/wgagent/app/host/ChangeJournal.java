package cloud.runbeam.wgagent.app.host;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;

/**
 * What one network has changed on this machine and not yet taken back. Entries are one line of
 * text. One thread at a time.
 */
public interface ChangeJournal extends AutoCloseable {
  /**
   * Writes down changes that are about to be made; when this returns they are on disk.
   *
   * @return a number for each, in the same order, increasing
   * @throws IOException if they are not certain to be on disk; then the changes must not be made
   */
  List<Long> intend(List<String> entries) throws IOException;

  /**
   * Crosses entries off: their changes are undone or were never made. When this fails the entries
   * stay, which does no harm: undoing is repeatable.
   */
  void settle(Collection<Long> numbers) throws IOException;

  /** Entries not crossed off, in the order in which they were written. */
  SortedMap<Long, String> open();

  /**
   * Whether the machine is still the one that the entries speak of: not booted since, and the same
   * network namespace. Otherwise settings that live in the kernel are gone.
   */
  boolean sameEpoch();

  /** What was found damaged when the journal was read; empty if nothing. */
  List<String> damage();

  @Override
  void close();
}
