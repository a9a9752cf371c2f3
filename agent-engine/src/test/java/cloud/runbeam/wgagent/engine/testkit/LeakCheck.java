package cloud.runbeam.wgagent.engine.testkit;

import cloud.runbeam.wgagent.engine.memory.PacketArena;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves packet memory or engine threads behind. Use with
 * {@code @ExtendWith(LeakCheck.class)}; it looks after the test's own {@code @AfterEach} methods.
 */
public final class LeakCheck implements BeforeEachCallback, AfterEachCallback {
  private static final String THREAD_PREFIX = "wg-";

  private int arenas;
  private long bytes;
  private List<String> threads = List.of();

  @Override
  public void beforeEach(ExtensionContext context) {
    arenas = PacketArena.openArenas();
    bytes = PacketArena.totalAllocatedBytes();
    threads = engineThreads();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    TreeSet<String> left = new TreeSet<>(engineThreads());
    threads.forEach(left::remove);
    int openArenas = PacketArena.openArenas() - arenas;
    long openBytes = PacketArena.totalAllocatedBytes() - bytes;
    if (openArenas != 0 || openBytes != 0 || !left.isEmpty()) {
      throw new AssertionError(
          "left behind: "
              + openArenas
              + " packet arenas with "
              + openBytes
              + " bytes, threads "
              + left);
    }
  }

  private static List<String> engineThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith(THREAD_PREFIX))
        .toList();
  }
}
