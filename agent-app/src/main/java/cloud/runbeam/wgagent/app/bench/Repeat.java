package cloud.runbeam.wgagent.app.bench;

import java.util.Arrays;

/** Times something again and again until its time is used up. */
final class Repeat {
  /** Share of the time for the JVM to compile what is measured; its results are not counted. */
  private static final double WARM_UP = 0.6;

  private Repeat() {}

  /** One step; says itself how long its measured part took, so that preparing is not counted. */
  @FunctionalInterface
  interface Step {
    long runNs();
  }

  /** Nanoseconds of the median step. */
  static long medianNs(long budgetNs, Step step) {
    long startNs = System.nanoTime();
    long warmUpNs = (long) (budgetNs * WARM_UP);
    do {
      step.runNs();
    } while (System.nanoTime() - startNs < warmUpNs);
    long[] times = new long[1024];
    int count = 0;
    do {
      if (count == times.length) {
        times = Arrays.copyOf(times, 2 * count);
      }
      times[count++] = step.runNs();
    } while (System.nanoTime() - startNs < budgetNs);
    return median(times, count);
  }

  /** Nanoseconds per call of the median batch of {@code calls}. */
  static double medianNs(long budgetNs, int calls, Runnable call) {
    return (double)
            medianNs(
                budgetNs,
                () -> {
                  long startNs = System.nanoTime();
                  for (int i = 0; i < calls; i++) {
                    call.run();
                  }
                  return System.nanoTime() - startNs;
                })
        / calls;
  }

  private static long median(long[] times, int count) {
    Arrays.sort(times, 0, count);
    return times[count / 2];
  }
}
