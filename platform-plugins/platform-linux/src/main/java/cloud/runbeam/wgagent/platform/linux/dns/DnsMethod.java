package cloud.runbeam.wgagent.platform.linux.dns;

import cloud.runbeam.wgagent.platform.api.DnsRequest;
import cloud.runbeam.wgagent.platform.api.DnsUndo;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.util.List;
import java.util.Optional;

/** One way to change the system's name servers. Any thread. */
interface DnsMethod {
  /** As status shows it, and as the undo text begins. */
  String name();

  /** Whether it can ask other servers for other domains, as the machine is now. */
  boolean splitDns();

  /** Why it cannot be used on this machine now; empty if it can. Starts no program. */
  Optional<String> obstacle();

  /** What takes the change back; changes nothing. */
  UndoText prepare(DnsRequest request) throws PlatformException;

  /** Makes the change; remarks for the operator. */
  List<String> apply(DnsRequest request, UndoText undo) throws PlatformException;

  /** Takes it back. */
  DnsUndo revert(UndoText undo) throws PlatformException;
}
