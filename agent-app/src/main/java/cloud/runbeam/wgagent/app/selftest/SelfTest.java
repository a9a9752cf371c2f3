package cloud.runbeam.wgagent.app.selftest;

import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.util.Map;

/**
 * Runs all checks: cryptography, a tunnel within this process, this host. Takes a second or two and
 * leaves nothing behind. Any thread.
 */
public final class SelfTest {
  private final PlatformPlugin platform;
  private final Map<String, String> variables;
  private final long seed;

  /**
   * A self-test.
   *
   * @param variables environment of this process, for the search path
   * @param seed what the simulated network's chance follows
   */
  public SelfTest(PlatformPlugin platform, Map<String, String> variables, long seed) {
    this.platform = platform;
    this.variables = Map.copyOf(variables);
    this.seed = seed;
  }

  /** Runs them; a check that fails keeps none of the others from running. */
  public SelfTestReport run() {
    CheckRun run = new CheckRun();
    new CryptographyChecks(platform, seed).run(run);
    new TunnelChecks(platform, seed).run(run);
    new HostChecks(platform, variables).run(run);
    return new SelfTestReport(seed, run.results());
  }
}
