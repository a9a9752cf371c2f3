package cloud.runbeam.wgagent.engine.routing;

import cloud.runbeam.wgagent.engine.routing.PrefixTrie.Entry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The cryptokey routing table (paper, section 2): which owner a destination is sent to, and which
 * owner a source may come from. The longest prefix wins; a prefix has one owner.
 *
 * <p>Immutable. The conductor makes a new version with {@link #toBuilder} and publishes it as a
 * whole (release); packet threads look up in the version they read (acquire). Versions share all
 * that did not change: one prefix more among 130,000 costs microseconds, and the design of {@link
 * PrefixTrie} gives the reasons.
 *
 * <p>Beside the two tries that are looked up, each owner has a list of its prefixes in the order
 * they came, for {@code wg show} and for removing an owner. Lists are persistent, too: a trie from
 * a running number to the prefix. The number stands in the entry of the prefix, so that a prefix
 * that moves to another owner is taken out of the first one's list without searching.
 *
 * @param <T> owner; told apart by {@code equals}
 */
public final class AllowedIps<T> {
  private static final AllowedIps<?> EMPTY =
      new AllowedIps<>(PrefixTrie.empty(), PrefixTrie.empty(), PrefixTrie.empty());

  /** What an owner has: prefixes by running number. Owners with the same hash form a chain. */
  private record Holding<T>(
      T owner, PrefixTrie<IpPrefix> prefixes, int nextNumber, @Nullable Holding<T> sameHash) {}

  private final PrefixTrie<T> ipv4;
  private final PrefixTrie<T> ipv6;
  private final PrefixTrie<Holding<T>> holdings;

  private AllowedIps(PrefixTrie<T> ipv4, PrefixTrie<T> ipv6, PrefixTrie<Holding<T>> holdings) {
    this.ipv4 = ipv4;
    this.ipv6 = ipv6;
    this.holdings = holdings;
  }

  /** A table without prefixes. */
  @SuppressWarnings("unchecked") // Without prefixes, it is of every type.
  public static <T> AllowedIps<T> empty() {
    return (AllowedIps<T>) EMPTY;
  }

  /**
   * The owner of an IPv4 address, four bytes in network order; null if nobody's. Any thread; does
   * not allocate.
   */
  public @Nullable T lookupIpv4(int address) {
    return ipv4.longestMatch((long) address << 32, 0);
  }

  /**
   * The owner of an IPv6 address, in network order; null if nobody's. Any thread; does not
   * allocate.
   */
  public @Nullable T lookupIpv6(long high, long low) {
    return ipv6.longestMatch(high, low);
  }

  /** The owner of exactly this prefix; null if it is not in the table. Host bits are ignored. */
  public @Nullable T owner(IpPrefix prefix) {
    IpPrefix network = prefix.network();
    Entry<T> entry =
        (network.ipv6() ? ipv6 : ipv4).get(network.high(), network.low(), network.length());
    return entry == null ? null : entry.value;
  }

  /**
   * The prefixes of an owner in the order in which it got them, host bits cleared; an unmodifiable
   * list.
   */
  public List<IpPrefix> prefixesOf(T owner) {
    Holding<T> holding = holding(chain(holdings.get(hash(owner), 0, Integer.SIZE)), owner);
    if (holding == null) {
      return List.of();
    }
    List<IpPrefix> prefixes = new ArrayList<>(holding.prefixes.size());
    holding.prefixes.forEach(entry -> prefixes.add(entry.value));
    return Collections.unmodifiableList(prefixes);
  }

  /** The number of prefixes. */
  public int size() {
    return ipv4.size() + ipv6.size();
  }

  /** This table with one prefix more, or with another owner for it. */
  public AllowedIps<T> with(IpPrefix prefix, T owner) {
    return toBuilder().put(prefix, owner).build();
  }

  /** Starts a series of changes; this version stays as it is. */
  public Builder<T> toBuilder() {
    return new Builder<>(this);
  }

  /**
   * A series of changes, cheaper together than one by one. One thread only. Not building gives them
   * up.
   *
   * @param <T> owner
   */
  public static final class Builder<T> {
    private final PrefixTrie.Editor<T> ipv4;
    private final PrefixTrie.Editor<T> ipv6;
    private final PrefixTrie.Editor<Holding<T>> holdings;

    /** Owners whose lists were touched. */
    private final Map<T, OpenHolding> open = new HashMap<>();

    // Changes often come in runs for one owner.
    private @Nullable OpenHolding lastOpened;

    private final class OpenHolding {
      private final T owner;
      private final PrefixTrie.Editor<IpPrefix> prefixes;
      private int nextNumber;

      OpenHolding(T owner, PrefixTrie<IpPrefix> prefixes, int nextNumber) {
        this.owner = owner;
        this.prefixes = prefixes.edit();
        this.nextNumber = nextNumber;
      }

      int append(IpPrefix prefix) {
        int number = nextNumber++;
        if (nextNumber == 0) {
          throw new IllegalStateException("an owner got 2^32 prefixes since it was last without");
        }
        prefixes.put(new Entry<>(key(number), 0, Integer.SIZE, 0, prefix));
        return number;
      }
    }

    private Builder(AllowedIps<T> from) {
      this.ipv4 = from.ipv4.edit();
      this.ipv6 = from.ipv6.edit();
      this.holdings = from.holdings.edit();
    }

    /**
     * Gives a prefix to an owner; another one that had it loses it. One that has it keeps it, in
     * its place. Host bits are cleared.
     */
    public Builder<T> put(IpPrefix prefix, T owner) {
      IpPrefix network = prefix.network();
      PrefixTrie.Editor<T> trie = network.ipv6() ? ipv6 : ipv4;
      Entry<T> present = trie.get(network.high(), network.low(), network.length());
      if (present != null) {
        if (present.value.equals(owner)) {
          return this;
        }
        dropFromList(present);
      }
      int number = open(owner).append(network);
      trie.put(new Entry<>(network.high(), network.low(), network.length(), number, owner));
      return this;
    }

    /** Takes a prefix out, whoever has it. Host bits are ignored. */
    public Builder<T> remove(IpPrefix prefix) {
      IpPrefix network = prefix.network();
      Entry<T> removed =
          (network.ipv6() ? ipv6 : ipv4).remove(network.high(), network.low(), network.length());
      if (removed != null) {
        dropFromList(removed);
      }
      return this;
    }

    /** The owner of exactly this prefix as changed so far, or null. Host bits are ignored. */
    public @Nullable T owner(IpPrefix prefix) {
      IpPrefix network = prefix.network();
      Entry<T> present =
          (network.ipv6() ? ipv6 : ipv4).get(network.high(), network.low(), network.length());
      return present == null ? null : present.value;
    }

    /** Takes all prefixes of an owner out, in time that depends on their number only. */
    public Builder<T> removeAll(T owner) {
      OpenHolding holding = open(owner);
      holding
          .prefixes
          .build()
          .forEach(entry -> {
            IpPrefix prefix = entry.value;
            (prefix.ipv6() ? ipv6 : ipv4).remove(prefix.high(), prefix.low(), prefix.length());
          });
      open.put(owner, new OpenHolding(owner, PrefixTrie.empty(), 0));
      lastOpened = null;
      return this;
    }

    /** The version that all changes led to. The builder may go on from there. */
    public AllowedIps<T> build() {
      for (OpenHolding holding : open.values()) {
        store(holding);
      }
      open.clear();
      lastOpened = null;
      return new AllowedIps<>(ipv4.build(), ipv6.build(), holdings.build());
    }

    private void dropFromList(Entry<T> entry) {
      open(entry.value).prefixes.remove(key(entry.tag), 0, Integer.SIZE);
    }

    private OpenHolding open(T owner) {
      OpenHolding last = lastOpened;
      if (last != null && last.owner.equals(owner)) {
        return last;
      }
      OpenHolding opened = open.computeIfAbsent(owner, this::load);
      lastOpened = opened;
      return opened;
    }

    private OpenHolding load(T owner) {
      Holding<T> holding = holding(chain(holdings.get(hash(owner), 0, Integer.SIZE)), owner);
      return holding == null
          ? new OpenHolding(owner, PrefixTrie.empty(), 0)
          : new OpenHolding(owner, holding.prefixes, holding.nextNumber);
    }

    private void store(OpenHolding opened) {
      long hash = hash(opened.owner);
      Holding<T> others = null;
      for (Holding<T> holding = chain(holdings.get(hash, 0, Integer.SIZE));
          holding != null;
          holding = holding.sameHash) {
        if (!holding.owner.equals(opened.owner)) {
          others = new Holding<>(holding.owner, holding.prefixes, holding.nextNumber, others);
        }
      }
      Holding<T> chain =
          opened.prefixes.size() == 0
              ? others
              : new Holding<>(opened.owner, opened.prefixes.build(), opened.nextNumber, others);
      if (chain == null) {
        holdings.remove(hash, 0, Integer.SIZE);
      } else {
        holdings.put(new Entry<>(hash, 0, Integer.SIZE, 0, chain));
      }
    }
  }

  private static <T> @Nullable Holding<T> chain(@Nullable Entry<Holding<T>> entry) {
    return entry == null ? null : entry.value;
  }

  private static <T> @Nullable Holding<T> holding(@Nullable Holding<T> chain, T owner) {
    for (Holding<T> holding = chain; holding != null; holding = holding.sameHash) {
      if (holding.owner.equals(owner)) {
        return holding;
      }
    }
    return null;
  }

  private static long hash(Object owner) {
    return key(owner.hashCode());
  }

  /** 32 bits as the key of a trie: a prefix of full length. */
  private static long key(int bits) {
    return (long) bits << 32;
  }
}
