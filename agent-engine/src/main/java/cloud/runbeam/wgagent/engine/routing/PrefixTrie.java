package cloud.runbeam.wgagent.engine.routing;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map from bit prefixes of up to 128 bits to values, with longest-prefix lookup.
 *
 * <h2>Design</h2>
 *
 * A path-compressed multibit trie: each node decides six bits at once and keeps two 64-bit maps, so
 * that a whole step is two shifts and two population counts.
 *
 * <pre>
 *   prefixes: bit 1 = length 0, bits 2..3 = length 1, ... bits 32..63 = length 5, relative to the node (a heap)
 *   children: bit v = something longer lies under the six bits v
 *   slots:    |entry of each bit of prefixes, in order|child of each bit of children, in order|
 * </pre>
 *
 * A child is a node, or an entry where nothing else lies below; a node that would hold a single
 * thing is replaced by it. So 130,000 random prefixes are three or four nodes deep, where a binary
 * trie (the kernel's) is seventeen or more, and each step costs two dependent loads. Chains without
 * branches cost nothing, which IPv6 needs. Flat tables with 16 or 24 bits at the root are faster
 * still in benchmarks but cost megabytes for every device and a copy of the root for every change.
 *
 * <p>A change copies the few nodes on its path and shares the rest (some 1 KB), so that readers
 * keep the version they have. An {@link Editor} marks the nodes it made itself and changes those in
 * place, so that 130,000 insertions do not copy the root 130,000 times.
 *
 * <p>Nodes start at bits 0, 6, ... 54, 60 and 64, 70, ... 124: never across the two words a prefix
 * is held in, so that a step reads one word. Nodes at 60 and 124 have four bits only, which stand
 * in the upper four of the six.
 */
final class PrefixTrie<V> {
  /**
   * {@code ANCESTORS[v]}: the bits of {@link Node#prefixes} that are prefixes of the six bits v.
   */
  private static final long[] ANCESTORS = new long[64];

  static {
    for (int v = 0; v < 64; v++) {
      for (int length = 0; length < 6; length++) {
        ANCESTORS[v] |= 1L << ((1 << length) | (v >>> (6 - length)));
      }
    }
  }

  private static final PrefixTrie<?> EMPTY = new PrefixTrie<>(null, 0);

  /**
   * A prefix, host bits zero, with its value and a number that the user of the trie may attach.
   * Immutable.
   */
  static final class Entry<V> {
    final long high;
    final long low;
    final int length;
    final int tag;
    final V value;

    Entry(long high, long low, int length, int tag, V value) {
      this.high = high;
      this.low = low;
      this.length = length;
      this.tag = tag;
      this.value = value;
    }

    boolean contains(long keyHigh, long keyLow) {
      return ((keyHigh ^ high) & highMask(length)) == 0 && ((keyLow ^ low) & lowMask(length)) == 0;
    }

    boolean hasPrefix(long otherHigh, long otherLow, int otherLength) {
      return length == otherLength && high == otherHigh && low == otherLow;
    }
  }

  private static final class Node {
    final int start;
    final long high;
    final long low;
    long prefixes;
    long children;
    Object[] slots;

    /** Who may change this node in place; compared by identity. */
    @Nullable Object editor;

    Node(int start, long high, long low, @Nullable Object editor) {
      this.start = start;
      this.high = high & highMask(start);
      this.low = low & lowMask(start);
      this.slots = new Object[0];
      this.editor = editor;
    }

    private Node(Node source, @Nullable Object editor) {
      this.start = source.start;
      this.high = source.high;
      this.low = source.low;
      this.prefixes = source.prefixes;
      this.children = source.children;
      this.slots = source.slots.clone();
      this.editor = editor;
    }

    @SuppressWarnings("ReferenceEquality") // A mark has no other identity.
    Node editableBy(Object anEditor) {
      return editor == anEditor ? this : new Node(this, anEditor);
    }

    boolean covers(long keyHigh, long keyLow) {
      // -1 >>> start is a mask of the bits behind the first start ones; masks are not kept, so that
      // a node fits a cache line.
      return start < 64
          ? ((keyHigh ^ high) & ~(-1L >>> start)) == 0
          : keyHigh == high && ((keyLow ^ low) & ~(-1L >>> (start - 64))) == 0;
    }

    /** The six bits of a key that this node decides. */
    int step(long keyHigh, long keyLow) {
      // Java takes the shift modulo 64.
      return (int) ((start < 64 ? keyHigh << start : keyLow << start) >>> 58);
    }

    /** The bit of {@link #prefixes} for a prefix that ends in this node. */
    long prefixBit(long keyHigh, long keyLow, int length) {
      int relative = length - start;
      return 1L << ((1 << relative) | (step(keyHigh, keyLow) >>> (6 - relative)));
    }

    int prefixSlot(long bit) {
      return Long.bitCount(prefixes & (bit - 1));
    }

    int childSlot(long bit) {
      return Long.bitCount(prefixes) + Long.bitCount(children & (bit - 1));
    }

    void insertSlot(int at, Object value) {
      Object[] wider = new Object[slots.length + 1];
      System.arraycopy(slots, 0, wider, 0, at);
      wider[at] = value;
      System.arraycopy(slots, at, wider, at + 1, slots.length - at);
      slots = wider;
    }

    void removeSlot(int at) {
      Object[] narrower = Arrays.copyOf(slots, slots.length - 1);
      System.arraycopy(slots, at + 1, narrower, at, slots.length - at - 1);
      slots = narrower;
    }
  }

  private final @Nullable Object root;
  private final int size;

  private PrefixTrie(@Nullable Object root, int size) {
    this.root = root;
    this.size = size;
  }

  @SuppressWarnings("unchecked") // Without entries, it is of every type.
  static <V> PrefixTrie<V> empty() {
    return (PrefixTrie<V>) EMPTY;
  }

  int size() {
    return size;
  }

  /** The value of the longest prefix that contains the key, or null. Does not allocate. */
  @Nullable V longestMatch(long high, long low) {
    Object slot = root;
    Node bestNode = null;
    long bestMatches = 0;
    while (slot instanceof Node node) {
      if (!node.covers(high, low)) {
        break;
      }
      int step = node.step(high, low);
      long matches = node.prefixes & ANCESTORS[step];
      if (matches != 0) {
        bestNode = node;
        bestMatches = matches;
      }
      long bit = 1L << step;
      slot = (node.children & bit) == 0 ? null : node.slots[node.childSlot(bit)];
    }
    if (slot instanceof Entry<?> entry && entry.contains(high, low)) {
      return PrefixTrie.<V>entry(entry).value;
    }
    if (bestNode == null) {
      return null;
    }
    // The longest is the highest bit of the heap.
    return PrefixTrie.<V>entry(bestNode.slots[bestNode.prefixSlot(Long.highestOneBit(bestMatches))])
        .value;
  }

  /** The entry of exactly this prefix, or null. */
  @Nullable Entry<V> get(long high, long low, int length) {
    Object slot = root;
    while (slot instanceof Node node) {
      if (length < node.start || !node.covers(high, low)) {
        return null;
      }
      if (length < end(node.start)) {
        long bit = node.prefixBit(high, low, length);
        return (node.prefixes & bit) == 0 ? null : entry(node.slots[node.prefixSlot(bit)]);
      }
      long bit = 1L << node.step(high, low);
      slot = (node.children & bit) == 0 ? null : node.slots[node.childSlot(bit)];
    }
    if (slot == null) {
      return null;
    }
    Entry<V> entry = entry(slot);
    return entry.hasPrefix(high, low, length) ? entry : null;
  }

  /** Calls {@code action} with every entry; those of one length in the order of their bits. */
  void forEach(Consumer<? super Entry<V>> action) {
    visit(root, action);
  }

  private static <V> void visit(@Nullable Object slot, Consumer<? super Entry<V>> action) {
    if (slot instanceof Node node) {
      for (Object child : node.slots) {
        visit(child, action);
      }
    } else if (slot != null) {
      action.accept(PrefixTrie.<V>entry(slot));
    }
  }

  /** Starts a series of changes from this version. */
  Editor<V> edit() {
    return new Editor<>(this);
  }

  /** Changes that become a version of their own with {@link #build}. One thread only. */
  static final class Editor<V> {
    private Object mark = new Object();
    private @Nullable Object root;
    private int size;

    private Editor(PrefixTrie<V> from) {
      this.root = from.root;
      this.size = from.size;
    }

    int size() {
      return size;
    }

    /** The value of exactly this prefix, or null. */
    @Nullable Entry<V> get(long high, long low, int length) {
      return new PrefixTrie<V>(root, size).get(high, low, length);
    }

    /** Adds or replaces a prefix whose host bits are zero. */
    void put(Entry<V> entry) {
      root = put(root, entry);
    }

    private Object put(@Nullable Object slot, Entry<V> entry) {
      if (slot instanceof Node node) {
        return putIntoNode(node, entry);
      }
      if (slot == null) {
        size++;
        return entry;
      }
      Entry<V> present = entry(slot);
      if (present.hasPrefix(entry.high, entry.low, entry.length)) {
        return entry;
      }
      int shared = Math.min(commonBits(present.high, present.low, entry), present.length);
      size++;
      return fork(shared, present.high, present.low, present.length, present, entry);
    }

    private Object putIntoNode(Node node, Entry<V> entry) {
      int shared = commonBits(node.high, node.low, entry);
      if (shared < node.start) {
        size++;
        return fork(shared, node.high, node.low, node.start, node, entry);
      }
      Node own = node.editableBy(mark);
      if (entry.length < end(node.start)) {
        long bit = own.prefixBit(entry.high, entry.low, entry.length);
        if ((own.prefixes & bit) == 0) {
          own.insertSlot(own.prefixSlot(bit), entry);
          own.prefixes |= bit;
          size++;
        } else {
          own.slots[own.prefixSlot(bit)] = entry;
        }
        return own;
      }
      long bit = 1L << own.step(entry.high, entry.low);
      int at = own.childSlot(bit);
      if ((own.children & bit) == 0) {
        own.insertSlot(at, entry);
        own.children |= bit;
        size++;
      } else {
        own.slots[at] = put(own.slots[at], entry);
      }
      return own;
    }

    /** A node that holds two things which part after {@code shared} bits. */
    private Node fork(int shared, long high, long low, int length, Object present, Entry<V> entry) {
      Node node = new Node(alignedStart(shared), high, low, mark);
      attach(node, high, low, length, present);
      attach(node, entry.high, entry.low, entry.length, entry);
      return node;
    }

    private static void attach(Node node, long high, long low, int length, Object thing) {
      if (thing instanceof Entry<?> && length < end(node.start)) {
        long bit = node.prefixBit(high, low, length);
        node.insertSlot(node.prefixSlot(bit), thing);
        node.prefixes |= bit;
      } else {
        long bit = 1L << node.step(high, low);
        node.insertSlot(node.childSlot(bit), thing);
        node.children |= bit;
      }
    }

    /** Removes a prefix; returns what it had, or null if it was not there. */
    @Nullable Entry<V> remove(long high, long low, int length) {
      Entry<V> present = get(high, low, length);
      if (present != null) {
        root = without(root, present);
        size--;
      }
      return present;
    }

    /** {@code slot} without {@code entry}, which is there. */
    private @Nullable Object without(@Nullable Object slot, Entry<V> entry) {
      if (!(slot instanceof Node node)) {
        return null;
      }
      Node own = node.editableBy(mark);
      if (entry.length < end(node.start)) {
        long bit = own.prefixBit(entry.high, entry.low, entry.length);
        own.removeSlot(own.prefixSlot(bit));
        own.prefixes &= ~bit;
      } else {
        long bit = 1L << own.step(entry.high, entry.low);
        int at = own.childSlot(bit);
        Object child = without(own.slots[at], entry);
        if (child == null) {
          own.removeSlot(at);
          own.children &= ~bit;
        } else {
          own.slots[at] = child;
        }
      }
      // What holds a single thing is replaced by it; nothing holds nothing.
      return own.slots.length == 1 ? own.slots[0] : own;
    }

    /** The version that all changes led to; further changes lead to another one. */
    PrefixTrie<V> build() {
      // Nodes made so far belong to the version from now on.
      mark = new Object();
      return root == null ? empty() : new PrefixTrie<>(root, size);
    }
  }

  @SuppressWarnings("unchecked") // The trie holds entries of its own type only.
  private static <V> Entry<V> entry(Object slot) {
    return (Entry<V>) slot;
  }

  /** How many leading bits of {@code entry}'s prefix the other has, too. */
  private static int commonBits(long high, long low, Entry<?> entry) {
    long difference = high ^ entry.high;
    int common =
        difference != 0
            ? Long.numberOfLeadingZeros(difference)
            : 64 + Long.numberOfLeadingZeros(low ^ entry.low);
    return Math.min(common, entry.length);
  }

  /** Where the node that decides bit {@code bit} starts. */
  private static int alignedStart(int bit) {
    return bit - bit % 64 % 6;
  }

  /** The first bit that a node which starts at {@code start} does not decide. */
  private static int end(int start) {
    return start % 64 == 60 ? start + 4 : start + 6;
  }

  private static long highMask(int length) {
    return length >= 64 ? -1L : length == 0 ? 0 : -1L << (64 - length);
  }

  private static long lowMask(int length) {
    return length <= 64 ? 0 : -1L << (128 - length);
  }
}
