package cloud.runbeam.wgagent.app.diagnostics;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.lang.management.RuntimeMXBean;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** What this process looks like from inside: memory, garbage collection, threads. */
final class ProcessReport {
  private static final int MAX_FRAMES = 64;

  private ProcessReport() {}

  /** Memory, collectors, flags and uptime. */
  static String text() {
    RuntimeMXBean runtime = ManagementFactory.getRuntimeMXBean();
    StringBuilder text = new StringBuilder();
    line(text, "pid", ProcessHandle.current().pid());
    line(text, "uptime", Duration.ofMillis(runtime.getUptime()));
    line(text, "java", Runtime.version() + " " + System.getProperty("java.vendor"));
    line(text, "flags", String.join(" ", runtime.getInputArguments()));
    line(text, "processors", Runtime.getRuntime().availableProcessors());
    line(text, "heap", usage(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage()));
    line(text, "non-heap", usage(ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage()));
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      line(
          text,
          collector.getName(),
          collector.getCollectionCount() + " times, " + collector.getCollectionTime() + " ms");
    }
    line(text, "threads", ManagementFactory.getThreadMXBean().getThreadCount());
    line(text, "classes", ManagementFactory.getClassLoadingMXBean().getLoadedClassCount());
    return text.toString();
  }

  private static String usage(MemoryUsage usage) {
    return usage.getUsed() / 1_024
        + " KiB used, "
        + usage.getCommitted() / 1_024
        + " KiB committed, at most "
        + (usage.getMax() < 0 ? "unlimited" : usage.getMax() / 1_024 + " KiB");
  }

  private static void line(StringBuilder text, String name, Object value) {
    text.append(name).append(": ").append(value).append('\n');
  }

  /** Every platform thread with its stack, by name. */
  static String threads() {
    Map<String, String> byName = new TreeMap<>();
    Thread.getAllStackTraces()
        .forEach((thread, frames) -> {
          StringBuilder text = new StringBuilder();
          text.append('"').append(thread.getName()).append("\" ").append(thread.getState());
          text.append(thread.isDaemon() ? " daemon\n" : "\n");
          for (int i = 0; i < Math.min(frames.length, MAX_FRAMES); i++) {
            text.append("    at ").append(frames[i]).append('\n');
          }
          byName.put(thread.getName() + "#" + thread.threadId(), text.toString());
        });
    return String.join("\n", byName.values());
  }
}
