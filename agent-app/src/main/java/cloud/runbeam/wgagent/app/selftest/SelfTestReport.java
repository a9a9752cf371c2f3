package cloud.runbeam.wgagent.app.selftest;

import cloud.runbeam.wgagent.app.selftest.CheckResult.Verdict;
import cloud.runbeam.wgagent.client.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every check in the order it ran.
 *
 * @param seed what chance followed, to repeat a failure
 * @param results what the checks found
 */
public record SelfTestReport(long seed, List<CheckResult> results) {
  /** Copies the list. */
  public SelfTestReport {
    results = List.copyOf(results);
  }

  /** Whether nothing failed. */
  public boolean passed() {
    return count(Verdict.FAILED) == 0;
  }

  /** How many results have that verdict. */
  public long count(Verdict verdict) {
    return results.stream().filter(result -> result.verdict() == verdict).count();
  }

  /** For scripts. */
  public JsonValue toJson() {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    members.put("passed", JsonValue.of(passed()));
    members.put("seed", JsonValue.of(seed));
    members.put(
        "checks", new JsonValue.JsonArray(results.stream().map(CheckResult::toJson).toList()));
    return new JsonValue.JsonObject(members);
  }
}
