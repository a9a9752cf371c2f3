package cloud.runbeam.wgagent.app.control.method;

import ch.qos.logback.classic.Level;
import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.Effect;
import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.Params;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import cloud.runbeam.wgagent.app.diagnostics.RecentLog;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code logs}: the last lines of the agent's log, from memory, wherever the log itself goes. */
public final class LogsMethod implements ControlMethod {
  private static final int DEFAULT_LINES = 50;
  private static final int MAX_LINES = 2_000;
  private static final Set<String> LEVELS = Set.of("error", "warn", "info", "debug", "trace");

  private final RecentLog log;

  /** The method over this log. */
  public LogsMethod(RecentLog log) {
    this.log = log;
  }

  @Override
  public String name() {
    return "logs";
  }

  @Override
  public Role role() {
    return Role.ADMIN;
  }

  /** For administrators alone, but nothing changes. */
  @Override
  public Effect effect() {
    return Effect.READ;
  }

  @Override
  public Object call(ObjectNode params, Caller caller) throws RequestException {
    Params.allowOnly(params, Set.of("lines", "level"));
    JsonNode lines = params.path("lines");
    int count = lines.isMissingNode() ? DEFAULT_LINES : lines.asInt(0);
    if (count < 1 || count > MAX_LINES) {
      throw new RequestException(
          ErrorType.INVALID_PARAMS, "lines is not a whole number from 1 to " + MAX_LINES);
    }
    String level = Params.text(params, "level").orElse("trace").toLowerCase(Locale.ROOT);
    if (!LEVELS.contains(level)) {
      throw new RequestException(
          ErrorType.INVALID_PARAMS, "level is none of error, warn, info, debug, trace");
    }
    return new Lines(
        log.newest(count, Level.toLevel(level)).stream()
            .map(line ->
                new Line(
                    line.at().toString(),
                    line.level().toLowerCase(Locale.ROOT),
                    line.logger(),
                    line.text()))
            .toList());
  }

  /**
   * The result.
   *
   * @param lines oldest first
   */
  public record Lines(List<Line> lines) {}

  /**
   * One event.
   *
   * @param at ISO 8601 in UTC
   * @param level in lower case
   * @param logger who said it
   * @param text the message, with a stack trace if there was one
   */
  public record Line(String at, String level, String logger, String text) {}
}
