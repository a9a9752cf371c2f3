package cloud.runbeam.wgagent.app.selftest;

import cloud.runbeam.wgagent.app.selftest.CheckResult.Verdict;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Collects the results of checks, one after the other. One thread. */
final class CheckRun {
  private final List<CheckResult> results = new ArrayList<>();

  /** One check: gives its evidence, or throws. */
  @FunctionalInterface
  interface Check {
    String run() throws CheckFailedException, DeviceException, PlatformException;
  }

  /** Runs a check without which the agent is not to be relied on. */
  void require(String group, String name, Check check) {
    run(group, name, Verdict.FAILED, check);
  }

  /** Runs a check of something that the agent can do without. */
  void prefer(String group, String name, Check check) {
    run(group, name, Verdict.LIMITED, check);
  }

  // A defect may show as any exception, and the other checks are to run all the same.
  private void run(String group, String name, Verdict otherwise, Check check) {
    long startNs = System.nanoTime();
    Verdict verdict = Verdict.PASSED;
    String reason;
    try {
      reason = check.run();
    } catch (CheckFailedException | DeviceException | PlatformException e) {
      verdict = otherwise;
      reason = String.valueOf(e.getMessage());
    } catch (RuntimeException | LinkageError e) {
      verdict = Verdict.FAILED;
      reason = e.toString();
    }
    long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
    results.add(new CheckResult(group, name, verdict, reason, tookMs));
  }

  List<CheckResult> results() {
    return results;
  }
}
