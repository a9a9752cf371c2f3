package cloud.runbeam.wgagent.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class PacketArenaTest {
  @Test
  void alignsAndZeroesWhatItAllocates() {
    try (PacketArena arena = new PacketArena()) {
      MemorySegment memory = arena.allocate(100, 4_096);
      assertThat(memory.address() % 4_096).isZero();
      assertThat(memory.byteSize()).isEqualTo(100);
      assertThat(memory.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
      assertThatIllegalArgumentException().isThrownBy(() -> arena.allocate(0, 1));
    }
  }

  @Test
  void throwsInsteadOfTouchingFreedMemory() {
    PacketArena arena = new PacketArena();
    MemorySegment memory = arena.allocate(64, 64);
    arena.close();

    assertThatIllegalStateException().isThrownBy(() -> memory.get(ValueLayout.JAVA_BYTE, 0));
    assertThatIllegalStateException().isThrownBy(() -> arena.allocate(64, 64));
  }

  @Test
  void countsOpenArenasAndTheirBytesOnce() {
    int openBefore = PacketArena.openArenas();
    long bytesBefore = PacketArena.totalAllocatedBytes();
    PacketArena arena = new PacketArena();
    arena.allocate(1_000, 8);
    assertThat(PacketArena.openArenas()).isEqualTo(openBefore + 1);
    assertThat(PacketArena.totalAllocatedBytes()).isEqualTo(bytesBefore + 1_000);

    arena.close();
    arena.close();

    assertThat(PacketArena.openArenas()).isEqualTo(openBefore);
    assertThat(PacketArena.totalAllocatedBytes()).isEqualTo(bytesBefore);
    assertThat(arena.allocatedBytes()).isZero();
  }
}
