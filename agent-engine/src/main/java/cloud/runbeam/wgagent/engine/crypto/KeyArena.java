package cloud.runbeam.wgagent.engine.crypto;

import cloud.runbeam.wgagent.engine.io.MemoryGuard;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one place where secret keys live: pages outside the heap, each handed to the {@link
 * MemoryGuard} before the first key is written to it, cut into slots of 32 bytes.
 *
 * <pre>
 *   chunk 0: |key|key|free|key| ... |   4 KiB or what the constructor asks for
 *   chunk 1: |key|free|free|  ...   |   as large as all chunks before, at most 64 KiB
 * </pre>
 *
 * <p>A slot is wiped when its key is closed, all of them when the arena is. Pages go back to the
 * system only then: a device that once had many peers is likely to have them again. Any thread.
 */
public final class KeyArena implements AutoCloseable {
  /** Locking works on whole pages; 4 KiB divides the page size of every system we run on. */
  private static final long PAGE_BYTES = 4_096;

  /** Growth beyond this saves no calls worth having. */
  private static final long MAX_GROWTH_BYTES = 64 * 1_024;

  private final MemoryGuard guard;
  private final Arena memory = Arena.ofShared();
  private final Object lock = new Object();

  // Under the lock.
  private final List<MemorySegment> chunks = new ArrayList<>();
  private final Deque<MemorySegment> freedSlots = new ArrayDeque<>();
  private MemorySegment newestChunk;
  private long newestChunkUsedBytes;
  private long totalBytes;
  private int keysInUse;
  private @Nullable String protectionFailure;
  private boolean closed;

  /**
   * An arena with room for {@code initialKeys}.
   *
   * @param guard locks pages in RAM and keeps them out of dumps
   * @param initialKeys at least 1; the arena grows when they are used up
   */
  public KeyArena(MemoryGuard guard, int initialKeys) {
    if (initialKeys < 1) {
      throw new IllegalArgumentException("room for " + initialKeys + " keys");
    }
    this.guard = guard;
    this.newestChunk = addChunk((long) initialKeys * SecretKey.BYTES);
  }

  /**
   * A key of 32 zero bytes.
   *
   * @throws IllegalStateException after {@link #close}
   */
  public SecretKey allocate() {
    synchronized (lock) {
      if (closed) {
        throw new IllegalStateException("the key arena is closed");
      }
      MemorySegment slot = freedSlots.poll();
      if (slot == null) {
        slot = nextUnusedSlot();
      }
      keysInUse++;
      return new SecretKey(this, slot);
    }
  }

  /**
   * A key with these bytes, which stay as they are: wiping them is the caller's business.
   *
   * @throws IllegalArgumentException if there are not exactly 32
   */
  public SecretKey copyOf(byte[] bytes32) {
    if (bytes32.length != SecretKey.BYTES) {
      throw new IllegalArgumentException("a key is 32 bytes, not " + bytes32.length);
    }
    SecretKey key = allocate();
    MemorySegment.copy(MemorySegment.ofArray(bytes32), 0, key.bytes(), 0, SecretKey.BYTES);
    return key;
  }

  /** A copy that its new owner closes. */
  public SecretKey copyOf(SecretKey source) {
    SecretKey key = allocate();
    key.copyFrom(source);
    return key;
  }

  /**
   * The key that {@code text} holds in 44 characters of base64; wiping the text is the caller's
   * business.
   *
   * @throws IllegalArgumentException saying what is wrong, without quoting the text
   */
  public SecretKey fromBase64(byte[] text) {
    SecretKey key = allocate();
    try {
      KeyText.decodeBase64(text, key.bytes());
      return key;
    } catch (IllegalArgumentException e) {
      key.close();
      throw e;
    }
  }

  /**
   * The key that {@code text} holds in 64 hexadecimal digits; wiping the text is the caller's
   * business.
   *
   * @throws IllegalArgumentException saying what is wrong, without quoting the text
   */
  public SecretKey fromHex(byte[] text) {
    SecretKey key = allocate();
    try {
      KeyText.decodeHex(text, key.bytes());
      return key;
    } catch (IllegalArgumentException e) {
      key.close();
      throw e;
    }
  }

  /**
   * Why some pages may be swapped out or dumped, in words fit for an operator; empty when all are
   * protected.
   */
  public Optional<String> protectionFailure() {
    synchronized (lock) {
      return Optional.ofNullable(protectionFailure);
    }
  }

  /** The number of keys allocated and not closed. */
  public int keysInUse() {
    synchronized (lock) {
      return keysInUse;
    }
  }

  /**
   * Looks for the keys that are here now, for those who are about to give something away; see
   * {@link KeySearch}. The search must be over when the arena is closed.
   */
  public KeySearch newSearch() {
    return new KeySearch(this);
  }

  /** Shows every slot that may hold a key to {@code visitor}, under the lock. */
  void forEachSlot(Consumer<MemorySegment> visitor) {
    synchronized (lock) {
      for (MemorySegment chunk : chunks) {
        long used = chunk.equals(newestChunk) ? newestChunkUsedBytes : chunk.byteSize();
        for (long offset = 0; offset < used; offset += SecretKey.BYTES) {
          visitor.accept(chunk.asSlice(offset, SecretKey.BYTES));
        }
      }
    }
  }

  /** Wipes every key, closed or not, and returns the pages to the system. Idempotent. */
  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      keysInUse = 0;
      freedSlots.clear();
      for (MemorySegment chunk : chunks) {
        chunk.fill((byte) 0);
        guard.release(chunk);
      }
      chunks.clear();
      memory.close();
    }
  }

  void free(SecretKey key) {
    synchronized (lock) {
      MemorySegment slot = key.detach();
      if (slot == null || closed) {
        return;
      }
      slot.fill((byte) 0);
      freedSlots.push(slot);
      keysInUse--;
    }
  }

  private MemorySegment nextUnusedSlot() {
    if (newestChunkUsedBytes == newestChunk.byteSize()) {
      newestChunk = addChunk(Math.min(totalBytes, MAX_GROWTH_BYTES));
    }
    MemorySegment slot = newestChunk.asSlice(newestChunkUsedBytes, SecretKey.BYTES);
    newestChunkUsedBytes += SecretKey.BYTES;
    return slot;
  }

  private MemorySegment addChunk(long atLeastBytes) {
    long bytes = Math.ceilDiv(atLeastBytes, PAGE_BYTES) * PAGE_BYTES;
    MemorySegment chunk = memory.allocate(bytes, PAGE_BYTES);
    guard
        .protect(chunk)
        .ifPresent(
            reason -> protectionFailure = protectionFailure == null ? reason : protectionFailure);
    chunks.add(chunk);
    totalBytes += bytes;
    newestChunkUsedBytes = 0;
    return chunk;
  }
}
