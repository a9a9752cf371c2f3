package cloud.runbeam.wgagent.engine.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import cloud.runbeam.wgagent.engine.io.MemoryGuard;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KeyArenaTest {
  private final RecordingGuard guard = new RecordingGuard();

  @Test
  void wipesAKeyWhenItIsClosed() {
    try (KeyArena arena = new KeyArena(guard, 1)) {
      SecretKey key = arena.copyOf(TestKeys.bytes("secret"));
      MemorySegment slot = key.bytes();
      assertThat(slot.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(TestKeys.bytes("secret"));
      key.close();
      assertThat(slot.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
    }
  }

  @Test
  void wipesEveryKeyWhenItIsClosedItselfBeforeTakingProtectionBack() {
    KeyArena arena = new KeyArena(guard, 1);
    SecretKey forgotten = arena.copyOf(TestKeys.bytes("forgotten"));
    arena.close();
    assertThat(guard.contentAtRelease).hasSize(1).allSatisfy(b -> assertThat(b).containsOnly(0));
    assertThatIllegalStateException()
        .isThrownBy(() -> forgotten.bytes().get(ValueLayout.JAVA_BYTE, 0));
    assertThatIllegalStateException().isThrownBy(arena::allocate);
    forgotten.close();
    arena.close();
    assertThat(arena.keysInUse()).isZero();
    assertThat(guard.contentAtRelease).hasSize(1);
  }

  @Test
  void closesAKeyOnceHoweverOftenAsked() {
    try (KeyArena arena = new KeyArena(guard, 4)) {
      SecretKey key = arena.allocate();
      SecretKey other = arena.allocate();
      assertThat(arena.keysInUse()).isEqualTo(2);
      key.close();
      key.close();
      assertThat(arena.keysInUse()).isEqualTo(1);
      assertThatIllegalStateException().isThrownBy(key::bytes).withMessage("the key was wiped");

      SecretKey reuse = arena.copyOf(TestKeys.bytes("reuse"));
      key.close();
      assertThat(reuse.isZero()).as("a slot given out again survives its old handle").isFalse();
      assertThat(other.isZero()).isTrue();
    }
  }

  @Test
  void givesOutZeroedSlotsThatDoNotOverlap() {
    try (KeyArena arena = new KeyArena(guard, 1)) {
      List<SecretKey> keys = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        SecretKey key = arena.allocate();
        assertThat(key.isZero()).isTrue();
        key.bytes().fill((byte) (i + 1));
        keys.add(key);
      }
      for (int i = 0; i < keys.size(); i++) {
        assertThat(keys.get(i).bytes().toArray(ValueLayout.JAVA_BYTE)).containsOnly(i + 1);
      }
      keys.forEach(SecretKey::close);
      try (SecretKey again = arena.allocate()) {
        assertThat(again.isZero()).isTrue();
      }
    }
  }

  @Test
  void guardsEveryPageBeforeItIsUsedAndReusesSlotsBeforeItGrows() {
    try (KeyArena arena = new KeyArena(guard, 1)) {
      assertThat(guard.guarded).hasSize(1);
      int keysPerPage = (int) guard.guarded.getFirst().byteSize() / SecretKey.BYTES;
      for (int i = 0; i < keysPerPage; i++) {
        arena.allocate();
      }
      for (int i = 0; i < 100; i++) {
        assertThat(guard.guarded).hasSize(i == 0 ? 1 : 2);
        arena.allocate().close();
      }
      assertThat(guard.guarded)
          .hasSize(2)
          .allSatisfy(page -> assertThat(page.address() % 4_096).isZero());
    }
    assertThat(guard.contentAtRelease).hasSize(2);
  }

  @Test
  void remembersTheFirstReasonWhyPagesAreNotProtected() {
    guard.failure = Optional.of("mlock: RLIMIT_MEMLOCK is 0");
    try (KeyArena arena = new KeyArena(guard, 1)) {
      guard.failure = Optional.of("another");
      for (int i = 0; i < 200; i++) {
        arena.allocate();
      }
      assertThat(arena.protectionFailure()).contains("mlock: RLIMIT_MEMLOCK is 0");
    }
    guard.failure = Optional.empty();
    try (KeyArena arena = new KeyArena(guard, 1)) {
      assertThat(arena.protectionFailure()).isEmpty();
    }
  }

  @Test
  void copiesKeysAndLeavesTheSourceAlone() {
    try (KeyArena arena = new KeyArena(guard, 1)) {
      byte[] bytes = TestKeys.bytes("source");
      SecretKey key = arena.copyOf(bytes);
      SecretKey copy = arena.copyOf(key);
      assertThat(SecretKey.equal(key, copy)).isTrue();
      key.close();
      assertThat(copy.bytes().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes);
      assertThat(bytes).isEqualTo(TestKeys.bytes("source"));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> arena.copyOf(new byte[31]))
          .withMessage("a key is 32 bytes, not 31");
    }
  }

  @Test
  void refusesToBeMadeForNoKeys() {
    assertThatIllegalArgumentException().isThrownBy(() -> new KeyArena(guard, 0));
  }

  private static final class RecordingGuard implements MemoryGuard {
    private final List<MemorySegment> guarded = new ArrayList<>();
    private final List<byte[]> contentAtRelease = new ArrayList<>();
    private Optional<String> failure = Optional.empty();

    @Override
    public Optional<String> protect(MemorySegment memory) {
      assertThat(memory.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
      guarded.add(memory);
      return failure;
    }

    @Override
    public void release(MemorySegment memory) {
      contentAtRelease.add(memory.toArray(ValueLayout.JAVA_BYTE));
    }
  }
}
