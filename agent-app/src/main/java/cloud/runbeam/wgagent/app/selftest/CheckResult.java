package cloud.runbeam.wgagent.app.selftest;

import cloud.runbeam.wgagent.client.JsonValue;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What one check found.
 *
 * @param group {@code cryptography}, {@code tunnel} or {@code host}
 * @param name a few words
 * @param verdict what it means
 * @param reason the evidence, or what is wrong and what to do; one line without secrets
 * @param tookMs milliseconds
 */
public record CheckResult(String group, String name, Verdict verdict, String reason, long tookMs) {
  /** What a result means. */
  public enum Verdict {
    /** As it should be. */
    PASSED,
    /** Something that the agent does without, at a price that the reason names. */
    LIMITED,
    /** Do not rely on the agent here. */
    FAILED;

    /** As results spell it. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  JsonValue toJson() {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    members.put("group", JsonValue.of(group));
    members.put("check", JsonValue.of(name));
    members.put("verdict", JsonValue.of(verdict.text()));
    members.put("reason", JsonValue.of(reason));
    members.put("took_ms", JsonValue.of(tookMs));
    return new JsonValue.JsonObject(members);
  }
}
