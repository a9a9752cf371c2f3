package cloud.runbeam.wgagent.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PacketBufferPoolTest {
  private final PacketArena arena = new PacketArena();

  @AfterEach
  void closeArena() {
    arena.close();
  }

  @Test
  void lendsEachBufferOnceAndThenNoMore() {
    PacketBufferPool pool = new PacketBufferPool(arena, 70, 100);
    Set<Long> addresses = new HashSet<>();
    for (int i = 0; i < 70; i++) {
      assertThat(pool.available()).isEqualTo(70 - i);
      PacketBuffer buffer = acquire(pool);
      assertThat(buffer.memory().byteSize()).isEqualTo(pool.bufferBytes()).isEqualTo(128);
      addresses.add(buffer.memory().address());
    }
    assertThat(addresses).hasSize(70);
    assertThat(pool.tryAcquire()).isNull();
    assertThat(pool.available()).isZero();
  }

  @Test
  void takesMemoryOnlyAsDemandReachesIt() {
    PacketBufferPool pool = new PacketBufferPool(arena, 1_000, 2_048);
    assertThat(arena.allocatedBytes()).isZero();
    for (int i = 0; i < 100; i++) {
      acquire(pool).close();
    }
    assertThat(arena.allocatedBytes()).isEqualTo(32 * 2_048);
    assertThat(pool.available()).isEqualTo(1_000);
  }

  @Test
  void lendsTheLastReturnedBufferFirst() {
    PacketBufferPool pool = new PacketBufferPool(arena, 8, 64);
    PacketBuffer first = acquire(pool);
    PacketBuffer second = acquire(pool);
    second.setLength(10);
    first.close();
    second.close();

    assertThat(pool.tryAcquire()).isSameAs(second);
    assertThat(second.length()).isZero();
    assertThat(pool.tryAcquire()).isSameAs(first);
  }

  @Test
  void detectsDoubleRelease() {
    PacketBufferPool pool = new PacketBufferPool(arena, 2, 64);
    PacketBuffer buffer = acquire(pool);
    buffer.close();

    assertThatIllegalStateException().isThrownBy(buffer::close).withMessageContaining("twice");
    assertThat(pool.available()).isEqualTo(2);
  }

  @Test
  void refusesALengthBeyondTheBuffer() {
    PacketBufferPool pool = new PacketBufferPool(arena, 1, 64);
    PacketBuffer buffer = acquire(pool);
    buffer.setLength(64);

    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> buffer.setLength(65));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> buffer.setLength(-1));
    assertThat(buffer.length()).isEqualTo(64);
  }

  @Test
  void passesBuffersBetweenThreadsWithoutLosingOrSharingOne() throws InterruptedException {
    PacketBufferPool pool = new PacketBufferPool(arena, 64, 64);
    ArrayBlockingQueue<PacketBuffer> handedOver = new ArrayBlockingQueue<>(32);
    AtomicReference<String> wrong = new AtomicReference<>();
    int perProducer = 100_000;
    List<Thread> threads = new ArrayList<>();
    for (int producer = 1; producer <= 2; producer++) {
      long mark = producer;
      threads.add(
          new Thread(() -> {
            for (int sent = 0; sent < perProducer; ) {
              PacketBuffer buffer = pool.tryAcquire();
              if (buffer == null) {
                Thread.onSpinWait();
                continue;
              }
              long stamp = (mark << 32) | sent;
              buffer.memory().set(ValueLayout.JAVA_LONG, 0, stamp);
              buffer.memory().set(ValueLayout.JAVA_LONG, 56, ~stamp);
              buffer.setLength(1 + sent % 64);
              put(handedOver, buffer);
              sent++;
            }
          }));
    }
    threads.add(
        new Thread(() -> {
          for (int received = 0; received < 2 * perProducer; received++) {
            PacketBuffer buffer = take(handedOver);
            long stamp = buffer.memory().get(ValueLayout.JAVA_LONG, 0);
            if (buffer.memory().get(ValueLayout.JAVA_LONG, 56) != ~stamp
                || buffer.length() != 1 + (int) stamp % 64) {
              wrong.set("two owners wrote to one buffer: " + Long.toHexString(stamp));
            }
            buffer.close();
          }
        }));
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(wrong.get()).isNull();
    assertThat(pool.available()).isEqualTo(64);
  }

  private static PacketBuffer acquire(PacketBufferPool pool) {
    return Objects.requireNonNull(pool.tryAcquire());
  }

  private static void put(ArrayBlockingQueue<PacketBuffer> queue, PacketBuffer buffer) {
    try {
      queue.put(buffer);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static PacketBuffer take(ArrayBlockingQueue<PacketBuffer> queue) {
    try {
      return queue.take();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
