package cloud.runbeam.wgagent.platform.api;

import java.util.Set;

/**
 * What changed in this machine's network since the last time.
 *
 * @param kinds at least one
 * @param interfaces names of the interfaces concerned; one whose name is not known is {@code #} and
 *     its number. Empty when it is not about any one interface (a rule, a resume). A tunnel ignores
 *     what concerns its own interface only, see {@link #concernsOthers}
 */
public record NetworkChange(Set<Kind> kinds, Set<String> interfaces) {
  /** What kind of thing changed. */
  public enum Kind {
    /** An interface appeared, vanished, went up or down, gained or lost its carrier, or its MTU. */
    LINK,
    /** An address appeared, vanished or became usable. */
    ADDRESS,
    /** A route appeared, vanished or changed. */
    ROUTE,
    /** A routing rule appeared or vanished. */
    RULE,
    /** The machine was suspended and is awake again. */
    RESUMED,
    /** News were lost: anything may have changed. */
    LOST
  }

  /** Copies the sets. */
  public NetworkChange {
    kinds = Set.copyOf(kinds);
    interfaces = Set.copyOf(interfaces);
    if (kinds.isEmpty()) {
      throw new IllegalArgumentException("nothing changed");
    }
  }

  /** Whether it is about more than the interfaces {@code own}. */
  public boolean concernsOthers(Set<String> own) {
    return kinds.contains(Kind.RULE)
        || kinds.contains(Kind.RESUMED)
        || kinds.contains(Kind.LOST)
        || !own.containsAll(interfaces);
  }
}
