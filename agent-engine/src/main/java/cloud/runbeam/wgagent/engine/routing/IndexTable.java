package cloud.runbeam.wgagent.engine.routing;

import cloud.runbeam.wgagent.engine.io.EntropySource;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a receiver index stands for: a handshake under way or a session (paper, section 5.4:
 * each message carries the index that its receiver chose). Indexes are random, so that they tell an
 * observer nothing about the number or order of sessions and cannot be guessed.
 *
 * <p>The conductor writes; any thread reads, without locks and without waiting. Open addressing
 * with linear probing:
 *
 * <pre>
 *   cells: | - | 9c01 | 9c77 | X | - | ...      -: never used, ends a search    X: removed, does not
 * </pre>
 *
 * <p>Memory order: an entry is complete before it is put into its cell by release, and read from
 * there by acquire. Entries never move within a table; when cells run low, all of them are put into
 * a new table and that is published by release. A reader that still searches the old one finds what
 * was there when it began, like one that had been a moment faster. A removed entry's value is null
 * from the moment of removal in every table. At least half of the cells have never been used, so
 * that a search for an index that an attacker made up ends after one or two.
 *
 * @param <T> what an index stands for
 */
public final class IndexTable<T> {
  private static final int INITIAL_CELLS = 64;
  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(Entry[].class);
  private static final VarHandle VALUE;
  private static final VarHandle CELLS;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      VALUE = lookup.findVarHandle(Entry.class, "value", Object.class);
      CELLS = lookup.findVarHandle(IndexTable.class, "cells", Entry[].class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final class Entry {
    final int index;

    /** Null once removed. */
    @Nullable Object value;

    Entry(int index, Object value) {
      this.index = index;
      this.value = value;
    }
  }

  // The conductor.
  private @Nullable Entry[] cells = new Entry[INITIAL_CELLS];
  private int size;
  private int usedCells;

  /** What {@code index} stands for, or null. Any thread; does not allocate. */
  public @Nullable T get(int index) {
    Entry[] table = (Entry[]) CELLS.getAcquire(this);
    int mask = table.length - 1;
    for (int at = cell(index) & mask; ; at = (at + 1) & mask) {
      Entry entry = (Entry) CELL.getAcquire(table, at);
      if (entry == null) {
        return null;
      }
      if (entry.index == index) {
        T value = IndexTable.<T>cast(VALUE.getAcquire(entry));
        if (value != null) {
          return value;
        }
        // Removed; the same index may have been chosen again and stand behind.
      }
    }
  }

  /**
   * Chooses an index that is not in use and lets it stand for {@code value}. The conductor only.
   */
  public int allocate(T value, EntropySource entropy) {
    int index = entropy.nextInt();
    while (find(index) != null) {
      index = entropy.nextInt();
    }
    if (2 * (usedCells + 1) > cells.length) {
      rebuild();
    }
    insert(cells, new Entry(index, value));
    usedCells++;
    size++;
    return index;
  }

  /**
   * Lets an index in use stand for something else from now on: a handshake's becomes its session's.
   * The conductor only.
   *
   * @throws IllegalArgumentException if the index is not in use
   */
  public void replace(int index, T value) {
    Entry entry = find(index);
    if (entry == null) {
      throw new IllegalArgumentException("index " + Integer.toHexString(index) + " is not in use");
    }
    VALUE.setRelease(entry, value);
  }

  /**
   * Gives an index back; returns what it stood for, null if it was not in use. The conductor only.
   */
  public @Nullable T remove(int index) {
    Entry entry = find(index);
    if (entry == null) {
      return null;
    }
    T value = IndexTable.<T>cast(entry.value);
    VALUE.setRelease(entry, null);
    size--;
    return value;
  }

  /** The number of indexes in use. The conductor only. */
  public int size() {
    return size;
  }

  private @Nullable Entry find(int index) {
    int mask = cells.length - 1;
    for (int at = cell(index) & mask; ; at = (at + 1) & mask) {
      Entry entry = cells[at];
      if (entry == null || (entry.index == index && entry.value != null)) {
        return entry;
      }
    }
  }

  /** A table without removed entries, large enough that the next rebuilding is far away. */
  private void rebuild() {
    int wanted = INITIAL_CELLS;
    while (wanted < 4 * (size + 1)) {
      wanted <<= 1;
    }
    Entry[] table = new Entry[wanted];
    for (Entry entry : cells) {
      if (entry != null && entry.value != null) {
        insert(table, entry);
      }
    }
    usedCells = size;
    CELLS.setRelease(this, table);
  }

  private static void insert(@Nullable Entry[] table, Entry entry) {
    int mask = table.length - 1;
    int at = cell(entry.index) & mask;
    while (table[at] != null) {
      at = (at + 1) & mask;
    }
    CELL.setRelease(table, at, entry);
  }

  /** Indexes are random already; the fold only lets all 32 bits count. */
  private static int cell(int index) {
    return index ^ (index >>> 16);
  }

  @SuppressWarnings({
    "unchecked",
    "TypeParameterUnusedInFormals"
  }) // Only values of type T are put in.
  private static <T> @Nullable T cast(@Nullable Object value) {
    return (T) value;
  }
}
