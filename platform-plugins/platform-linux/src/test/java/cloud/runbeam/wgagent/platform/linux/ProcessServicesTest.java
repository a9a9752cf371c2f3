package cloud.runbeam.wgagent.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clock, entropy, page protection and privileges. */
class ProcessServicesTest {
  @Test
  void clockGoesForwardAtTheRateOfTime() {
    MonotonicClock clock = new BootTimeClock();
    long startNs = clock.nowNs();
    long javaStartNs = System.nanoTime();
    long lastNs = startNs;
    while (System.nanoTime() - javaStartNs < 20_000_000) {
      long nowNs = clock.nowNs();
      assertThat(nowNs - lastNs).isNotNegative();
      lastNs = nowNs;
    }
    assertThat(lastNs - startNs).isBetween(15_000_000L, 10_000_000_000L);
  }

  @Test
  void clockAgreesWithTheMachinesUptime() throws IOException {
    String line = Files.readString(Path.of("/proc/uptime"));
    double uptime = Double.parseDouble(line.substring(0, line.indexOf(' ')));
    double seconds = new BootTimeClock().nowNs() / 1e9;
    assertThat(seconds).isBetween(uptime, uptime + 60);
  }

  @Test
  void fillsEveryByteWithRandomBits() {
    KernelEntropy entropy = new KernelEntropy();
    try (Arena arena = Arena.ofConfined()) {
      for (int bytes : new int[] {0, 1, 32, 256, 257, 5_000}) {
        for (MemorySegment target :
            List.of(arena.allocate(Math.max(1, bytes)), MemorySegment.ofArray(new byte[bytes]))) {
          MemorySegment random = target.asSlice(0, bytes);
          byte[] seen = new byte[bytes];
          for (int i = 0; i < 40; i++) {
            entropy.fill(random);
            for (int j = 0; j < bytes; j++) {
              seen[j] |= random.get(ValueLayout.JAVA_BYTE, j);
            }
          }
          // A bit that was never set in 40 fills has a chance of one in 10^12.
          byte[] all = new byte[bytes];
          Arrays.fill(all, (byte) 0xFF);
          assertThat(seen).isEqualTo(all);
        }
      }
    }
  }

  @Test
  void drawsDifferentInts() {
    KernelEntropy entropy = new KernelEntropy();
    Set<Integer> drawn = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      drawn.add(entropy.nextInt());
    }
    assertThat(drawn).hasSizeGreaterThan(990);
  }

  @Test
  void keepsPagesInMemoryAndOutOfDumps() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pages = arena.allocate(8_192, 4_096);
      PageGuard guard = new PageGuard();
      assertThat(guard.protect(pages)).isEmpty();
      assertThat(flags(pages)).contains("lo", "dd", "wf");
      guard.release(pages);
      assertThat(flags(pages)).doesNotContain("lo", "dd", "wf");
    }
  }

  @Test
  void refusesMemoryThatSharesAPage() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pages = arena.allocate(8_192, 4_096);
      PageGuard guard = new PageGuard();
      assertThat(guard.protect(pages.asSlice(0, 32)).orElseThrow()).contains("whole pages");
      assertThat(guard.protect(pages.asSlice(32, 4_096)).orElseThrow()).contains("whole pages");
    }
  }

  /** The two-letter flags of the mapping that {@code memory} is in (proc(5), smaps). */
  private static List<String> flags(MemorySegment memory) throws IOException {
    boolean inside = false;
    for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
      String[] range = line.split("[- ]", 3);
      if (range[0].matches("[0-9a-f]{8,}")) {
        inside =
            Long.parseUnsignedLong(range[0], 16) <= memory.address()
                && memory.address() < Long.parseUnsignedLong(range[1], 16);
      } else if (inside && line.startsWith("VmFlags:")) {
        return List.of(line.substring("VmFlags:".length()).strip().split(" ", -1));
      }
    }
    throw new AssertionError("no mapping holds " + memory);
  }

  @Test
  void readsCapabilitiesAndUser(@TempDir Path directory) throws IOException {
    Path status = directory.resolve("status");
    Files.writeString(status, "Name:\tx\nUid:\t1\t1000\t3\t4\nCapEff:\t0000000000001000\n");
    LinuxPrivileges privileged = new LinuxPrivileges(status);
    assertThat(privileged.canAdministerNetwork()).isTrue();
    assertThat(privileged.currentUser()).isEqualTo("1000");
    Files.writeString(status, "CapEff:\tffffffffffffefff\n");
    assertThat(privileged.canAdministerNetwork()).isFalse();
    assertThat(privileged.currentUser()).isEqualTo("unknown");
    Files.writeString(status, "CapEff:\tnone\n");
    assertThat(privileged.canAdministerNetwork()).isFalse();
    assertThat(new LinuxPrivileges(directory.resolve("absent")).canAdministerNetwork()).isFalse();
  }

  @Test
  void namesErrors() {
    assertThat(Errno.describe(Errno.EPERM)).isEqualTo("EPERM (Operation not permitted)");
    assertThat(Errno.describe(Errno.EBADFD)).isEqualTo("EBADFD (File descriptor in bad state)");
    assertThat(Errno.describe(9_999)).isEqualTo("errno 9999");
  }
}
