package cloud.runbeam.wgagent.client;

import cloud.runbeam.wgagent.client.JsonValue.JsonObject;

/**
 * One thing that is wrong with a configuration that the agent refused.
 *
 * @param path of the key, e.g. {@code network.default.peers[0].public_key}; empty where no key is
 *     concerned
 * @param line counted from 1; 0 where it is not about a file
 * @param reason the kind, e.g. {@code unknown_key}
 * @param text what is wrong and what to do
 * @param raw all members as received
 */
public record ConfigProblem(String path, long line, String reason, String text, JsonObject raw) {
  static ConfigProblem of(JsonObject problem) {
    return new ConfigProblem(
        problem.text("path").orElse(""),
        problem.integer("line").orElse(0L),
        problem.text("reason").orElse(""),
        problem.text("text").orElse(""),
        problem);
  }

  /** One line for people. */
  @Override
  public String toString() {
    String where = line > 0 ? "line " + line + ": " : "";
    return where + (path.isEmpty() ? "" : path + ": ") + (text.isEmpty() ? reason : text);
  }
}
