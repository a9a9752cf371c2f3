package cloud.runbeam.wgagent.engine.testkit;

import java.util.SplittableRandom;

/**
 * The seed of a test's random cases: fixed, or another one with {@code -Dtest.seed=N}; printed, so
 * that a failure can be repeated.
 */
public final class Seed {
  private static final long DEFAULT = 0x5EED_0F_7E57L;

  private Seed() {}

  /**
   * A generator for the test {@code name}, and a line on standard output that says with which seed.
   */
  public static SplittableRandom random(String name) {
    long seed = Long.getLong("test.seed", DEFAULT) ^ name.hashCode();
    System.out.println(name + ": seed " + seed);
    return new SplittableRandom(seed);
  }
}
