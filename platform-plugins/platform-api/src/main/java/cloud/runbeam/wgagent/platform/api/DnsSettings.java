package cloud.runbeam.wgagent.platform.api;

import java.util.List;

/**
 * The name servers that this machine asks, as far as a tunnel changes them.
 *
 * <p>A change is made in two steps, so that what undoes it is on disk before anything happens:
 *
 * <pre>
 *   undo = prepare(request)   looks, changes nothing
 *   (the caller writes undo to its journal)
 *   apply(request, undo)      makes the change
 *   ...                       perhaps a crash, perhaps another process
 *   revert(undo)              takes it back, if it is still ours
 * </pre>
 *
 * <p>Any thread, one change at a time per interface; calls may run a program of the system and take
 * up to some seconds.
 */
public interface DnsSettings {
  /** No way to change the system's name servers; every change is refused. */
  DnsSettings NONE = new NoDnsSettings();

  /** What would be used now, and why not something better. Never throws. */
  DnsBackend backend();

  /**
   * Finds what will take the change back. Changes nothing.
   *
   * @return one line of printable text, at most {@value #MAX_UNDO_BYTES} bytes; it names the
   *     backend, so that {@link #revert} needs nothing else
   */
  String prepare(DnsRequest request) throws PlatformException;

  /**
   * Makes the system ask the request's servers. Repeating it is no error; a request for the same
   * interface replaces the one before, whose undo text then serves both.
   *
   * @param undo what {@link #prepare} returned for this interface
   * @return remarks about what could not be done as asked (split DNS with a plain file, say), for
   *     the operator; empty when all was
   */
  List<String> apply(DnsRequest request, String undo) throws PlatformException;

  /**
   * Takes a change back. Whatever somebody else has changed since stays as it is; an interface that
   * is gone is no error. May be repeated.
   *
   * @param undo what {@link #prepare} returned, perhaps to an earlier process
   */
  DnsUndo revert(String undo) throws PlatformException;

  /** The servers that this machine asks now, for display; empty when that cannot be told. */
  List<String> currentServers();

  /** The longest undo text. A resolv.conf that would not fit is refused by {@link #prepare}. */
  int MAX_UNDO_BYTES = 32 * 1024;
}
