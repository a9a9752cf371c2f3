package cloud.runbeam.wgagent.engine.live;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.crypto.Blake2s;
import cloud.runbeam.wgagent.engine.testkit.Seed;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Searches the whole memory of a process that has used a tunnel for every secret that was ever in
 * it: private keys, preshared keys, what handshakes compute on the way, session keys. Private and
 * preshared keys are in locked pages that no core dump contains and nowhere else, and after closing
 * nowhere at all. What lives for minutes only may also stand on the stacks of threads, see {@link
 * ProcessMemory#stacks}.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(300)
class MemorySearchTest {
  @Test
  void secretsAreInLockedPagesOnlyAndAfterClosingNowhere(@TempDir Path directory)
      throws IOException, InterruptedException {
    Path dump = directory.resolve("heap.hprof");
    Process subject =
        new ProcessBuilder(command(Seed.random("MemorySearch").nextLong(), dump))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader output = subject.inputReader();
        OutputStream input = subject.getOutputStream()) {
      Reported reported = new Reported();
      reported.readUntil("open", output);
      assertThat(reported.locked).isNotEmpty();
      // Private keys, ephemeral keys, preshared key; static, chaining and session keys.
      assertThat(reported.secrets).hasSizeGreaterThan(20);
      SecretPatterns patterns = new SecretPatterns(reported.secrets);

      ProcessMemory memory = new ProcessMemory(subject.pid());
      List<ProcessMemory.Match> whileOpen = memory.search(patterns);
      assertThat(whileOpen).as("the search finds what is there").anyMatch(reported::isLocked);
      SecretPatterns kept = new SecretPatterns(reported.kept);
      assertThat(reported.kept).hasSize(3);
      assertThat(memory.search(kept))
          .as("private and preshared keys while the tunnel is up")
          .isNotEmpty()
          .allMatch(reported::isLocked);
      List<Range> stacks = memory.stacks();
      assertThat(whileOpen.stream().filter(match -> !reported.isLocked(match)))
          .as("outside of locked pages while the tunnel is up")
          .allMatch(match -> match.isIn(stacks));
      assertThat(memory.flagsOf(reported.locked.getFirst().start())).contains("lo", "dd");
      assertThat(patterns.searchFile(dump)).as("in the heap dump").isEmpty();

      input.write('\n');
      input.flush();
      reported.readUntil("closed", output);
      assertThat(memory.search(kept)).as("private and preshared keys after closing").isEmpty();
      assertThat(memory.search(patterns)).as("after closing").allMatch(match -> match.isIn(stacks));
    } finally {
      subject.destroyForcibly().waitFor();
    }
  }

  private static List<String> command(long seed, Path dump) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--"))
        .forEach(command::add);
    // Nothing is collected that might cover tracks, as far as a heap of this size goes.
    command.addAll(List.of("-XX:+UseSerialGC", "-Xms96m", "-Xmx96m", "-Xmn64m"));
    command.add("-classpath");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(MemorySearchSubject.class.getName());
    command.add(Long.toString(seed));
    command.add(dump.toString());
    return command;
  }

  /** Addresses from {@code start} to before {@code end}. */
  private record Range(long start, long end) {
    /** What stands at the start of a line of maps and smaps. */
    static Range parse(String line) {
      int dash = line.indexOf('-');
      return new Range(
          Long.parseUnsignedLong(line.substring(0, dash), 16),
          Long.parseUnsignedLong(line.substring(dash + 1, line.indexOf(' ')), 16));
    }

    boolean contains(long address) {
      return address >= start && address < end;
    }
  }

  /** What the process tells of itself. */
  private static final class Reported {
    final List<Range> locked = new ArrayList<>();
    final Set<String> secrets = new LinkedHashSet<>();
    final Set<String> kept = new LinkedHashSet<>();

    void readUntil(String state, BufferedReader output) throws IOException {
      for (String line = output.readLine(); ; line = output.readLine()) {
        assertThat(line).as("the process lives").isNotNull();
        String[] words = line.split(" ", -1);
        if (line.equals(state)) {
          secrets.removeAll(PublicValues.inverted());
          return;
        } else if (words[0].equals("secret")) {
          secrets.add(words[1]);
        } else if (words[0].equals("kept")) {
          kept.add(words[1]);
        } else if (words[0].equals("locked")) {
          locked.add(
              new Range(
                  Long.parseUnsignedLong(words[1], 16), Long.parseUnsignedLong(words[2], 16)));
        }
      }
    }

    boolean isLocked(ProcessMemory.Match match) {
      return locked.stream().anyMatch(range -> range.contains(match.address()));
    }
  }

  /** What stands in the pages of secrets without being one: how every handshake begins. */
  private static final class PublicValues {
    static List<String> inverted() {
      byte[] chainingKey =
          Blake2s.hashOf(
              "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s".getBytes(StandardCharsets.US_ASCII));
      byte[] hash =
          Blake2s.hashOf(
              chainingKey,
              "WireGuard v1 zx2c4 Jason@zx2c4.com".getBytes(StandardCharsets.US_ASCII));
      return List.of(invertedHex(chainingKey), invertedHex(hash));
    }

    private static String invertedHex(byte[] bytes) {
      byte[] inverted = bytes.clone();
      for (int i = 0; i < inverted.length; i++) {
        inverted[i] = (byte) ~inverted[i];
      }
      return HexFormat.of().formatHex(inverted);
    }
  }

  /** Another process's memory. */
  private record ProcessMemory(long pid) {
    record Match(long address, String what, String where) {
      boolean isIn(List<Range> ranges) {
        return ranges.stream().anyMatch(range -> range.contains(address));
      }
    }

    private static final int WINDOW_BYTES = 1 << 20;

    List<Match> search(SecretPatterns patterns) throws IOException {
      List<Match> matches = new ArrayList<>();
      try (RandomAccessFile memory = new RandomAccessFile("/proc/" + pid + "/mem", "r")) {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/maps"))) {
          String[] fields = line.split(" +", -1);
          Range range = Range.parse(line);
          String name = fields.length > 5 && !fields[5].isEmpty() ? fields[5] : "anonymous";
          if (fields[1].startsWith("r") && !name.startsWith("[v")) {
            searchRange(memory, range.start, range.end, name, patterns, matches);
          }
        }
      }
      return matches;
    }

    /**
     * The mappings that threads have their stacks in. Which registers the JVM saves there, and when
     * it compiles a cipher's code, is out of the engine's hands: a session key may stand there
     * until the next calls write over it.
     */
    List<Range> stacks() throws IOException {
      List<Long> stackPointers = new ArrayList<>();
      try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
        for (Path thread : threads.toList()) {
          // System call, six arguments, stack pointer, program counter; less for a running thread.
          String[] call = Files.readString(thread.resolve("syscall")).trim().split(" ", -1);
          if (call.length == 9) {
            stackPointers.add(Long.parseUnsignedLong(call[7].substring(2), 16));
          }
        }
      }
      List<Range> stacks = new ArrayList<>();
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/maps"))) {
        Range range = Range.parse(line);
        if (stackPointers.stream().anyMatch(range::contains)) {
          stacks.add(range);
        }
      }
      return stacks;
    }

    private static void searchRange(
        RandomAccessFile memory,
        long start,
        long end,
        String name,
        SecretPatterns patterns,
        List<Match> matches)
        throws IOException {
      byte[] window = new byte[WINDOW_BYTES + SecretPatterns.LONGEST];
      for (long at = start; at < end; at += WINDOW_BYTES) {
        int bytes = (int) Math.min(window.length, end - at);
        memory.seek(at);
        try {
          memory.readFully(window, 0, bytes);
        } catch (IOException unmappedMeanwhile) {
          continue;
        }
        long base = at;
        patterns.search(
            window, bytes, (offset, what) -> matches.add(new Match(base + offset, what, name)));
      }
    }

    /** The kernel's flags for the mapping that {@code address} is in. */
    List<String> flagsOf(long address) throws IOException {
      boolean inside = false;
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps"))) {
        if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
          inside = Range.parse(line).contains(address);
        } else if (inside && line.startsWith("VmFlags:")) {
          return Arrays.asList(line.substring("VmFlags:".length()).trim().split(" ", -1));
        }
      }
      return List.of();
    }
  }
}
