package cloud.runbeam.wgagent.app.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.json.JsonWriter;

/**
 * One JSON object per line, in the names of the Elastic Common Schema, with the network where a
 * line is about one.
 */
final class JsonForm implements LineForm {
  private static final String ECS_VERSION = "8.11";

  private final Map<String, Object> service;
  private final long pid;
  private final JsonWriter<Map<String, Object>> json = JsonWriter.standard();

  /** Lines of this process. */
  JsonForm(String version, long pid) {
    this.service = Map.of("name", "wg-agent", "version", version);
    this.pid = pid;
  }

  @Override
  public void append(StringBuilder lines, ILoggingEvent event, String note) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("@timestamp", Instant.ofEpochMilli(event.getTimeStamp()).toString());
    members.put(
        "log", Map.of("level", event.getLevel().toString(), "logger", event.getLoggerName()));
    members.put("process", Map.of("pid", pid, "thread", Map.of("name", event.getThreadName())));
    members.put("service", service);
    String message = String.valueOf(event.getFormattedMessage());
    members.put("message", message.substring(0, Math.min(message.length(), MAX_MESSAGE)) + note);
    NetworkLog.network(event.getLoggerName())
        .ifPresent(network -> members.put("network", Map.of("name", network)));
    IThrowableProxy fault = event.getThrowableProxy();
    if (fault != null) {
      Map<String, Object> error = new LinkedHashMap<>();
      error.put("type", fault.getClassName());
      error.put("message", String.valueOf(fault.getMessage()));
      error.put("stack_trace", ThrowableProxyUtil.asString(fault));
      members.put("error", error);
    }
    members.put("ecs", Map.of("version", ECS_VERSION));
    lines.append(json.writeToString(members)).append('\n');
  }
}
