package cloud.runbeam.wgagent.engine.live;

import cloud.runbeam.wgagent.engine.io.MemoryGuard;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Locks pages as the Linux plugin does, and knows what is in them. Any thread. */
final class LockedPages implements MemoryGuard {
  private static final int MADV_DONTDUMP = 16;
  private static final MethodHandle MLOCK =
      handle(
          "mlock",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
  private static final MethodHandle MADVISE =
      handle(
          "madvise",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT));
  private static final int KEY_BYTES = 32;

  private final List<MemorySegment> chunks = new CopyOnWriteArrayList<>();

  @Override
  public Optional<String> protect(MemorySegment memory) {
    try {
      int locked = (int) MLOCK.invokeExact(memory, memory.byteSize());
      int undumped = (int) MADVISE.invokeExact(memory, memory.byteSize(), MADV_DONTDUMP);
      if (locked != 0 || undumped != 0) {
        return Optional.of("mlock said " + locked + ", madvise " + undumped);
      }
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    chunks.add(memory);
    return Optional.empty();
  }

  @Override
  public void release(MemorySegment memory) {
    chunks.remove(memory);
  }

  List<MemorySegment> chunks() {
    return chunks;
  }

  /** Hands every slot that is not all zero to {@code consumer}. */
  void forEachKey(Consumer<MemorySegment> consumer) {
    for (MemorySegment chunk : chunks) {
      for (long at = 0; at < chunk.byteSize(); at += KEY_BYTES) {
        MemorySegment slot = chunk.asSlice(at, KEY_BYTES);
        long any = 0;
        for (long i = 0; i < KEY_BYTES; i += Long.BYTES) {
          any |= slot.get(ValueLayout.JAVA_LONG_UNALIGNED, i);
        }
        if (any != 0) {
          consumer.accept(slot);
        }
      }
    }
  }

  @SuppressWarnings("restricted") // this is a test of memory that Java does not manage
  private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
  }
}
