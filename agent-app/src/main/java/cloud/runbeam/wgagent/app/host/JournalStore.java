package cloud.runbeam.wgagent.app.host;

import java.io.IOException;
import java.util.List;

/** Where journals are kept: one for each network. Any thread. */
public interface JournalStore {
  /**
   * Opens the journal of a network, which is empty when there was none.
   *
   * @param network 1 to 63 characters of {@code [A-Za-z0-9_.-]}, the first a letter, digit or
   *     underscore
   */
  ChangeJournal open(String network) throws IOException;

  /** The networks that have a journal. */
  List<String> networks() throws IOException;
}
