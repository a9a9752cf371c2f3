package cloud.runbeam.wgagent.app.wiring;

import ch.qos.logback.classic.LoggerContext;
import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.AgentSettings;
import cloud.runbeam.wgagent.app.control.ControlLimits;
import cloud.runbeam.wgagent.app.control.method.DiagMethod;
import cloud.runbeam.wgagent.app.control.method.HistoryMethod;
import cloud.runbeam.wgagent.app.control.method.LogsMethod;
import cloud.runbeam.wgagent.app.control.method.StatusMethod;
import cloud.runbeam.wgagent.app.control.method.VersionMethod;
import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.JsonCodec;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import cloud.runbeam.wgagent.app.diagnostics.Diagnostics;
import cloud.runbeam.wgagent.app.diagnostics.RecentLog;
import cloud.runbeam.wgagent.app.diagnostics.Section;
import cloud.runbeam.wgagent.app.history.LinkHistory;
import cloud.runbeam.wgagent.app.tunnel.Events;
import cloud.runbeam.wgagent.app.tunnel.TunnelEvent;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.io.IOException;
import java.util.List;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.node.JsonNodeFactory;

/** The recent log and the archive for reports of problems. */
@Configuration(proxyBeanMethods = false)
class DiagnosticsConfiguration {
  private static final Caller ITSELF = new Caller("wg-agent", Role.ADMIN);

  @Bean(destroyMethod = "stop")
  RecentLog recentLog() {
    RecentLog recent = new RecentLog();
    ILoggerFactory factory = LoggerFactory.getILoggerFactory();
    if (factory instanceof LoggerContext context) {
      recent.attach(context);
    }
    return recent;
  }

  @Bean
  Diagnostics diagnostics(
      AgentConfig config,
      AgentSettings settings,
      WireGuardEngine engine,
      PlatformPlugin platform,
      RecentLog log,
      VersionMethod version,
      StatusMethod status,
      TunnelService tunnels,
      ControlLimits limits) {
    JsonCodec codec = new JsonCodec(limits.maxLineBytes());
    return new Diagnostics(
        config,
        engine,
        platform,
        log,
        settings.stateDir(),
        List.of(
            answer(version, codec),
            answer(status, codec),
            Section.text("events.txt", () -> events(tunnels))));
  }

  private static String events(TunnelService tunnels) {
    StringBuilder text = new StringBuilder();
    for (TunnelEvent event : tunnels.events().recent(Events.REMEMBERED)) {
      text.append(event.at()).append(' ').append(event.topic().code()).append(' ');
      text.append(event.network());
      event.peer().ifPresent(peer -> text.append('/').append(peer));
      text.append(' ').append(event.data()).append('\n');
    }
    return text.toString();
  }

  /** What a method answers somebody who asks for everything. */
  private static Section answer(ControlMethod method, JsonCodec codec) {
    return new Section(
        method.name() + ".json",
        () -> {
          try {
            Object result = method.call(JsonNodeFactory.instance.objectNode(), ITSELF);
            return codec.write(codec.tree(result));
          } catch (RequestException refused) {
            throw new IOException(refused.getMessage(), refused);
          }
        });
  }

  @Bean
  DiagMethod diagMethod(Diagnostics diagnostics) {
    return new DiagMethod(diagnostics);
  }

  @Bean
  HistoryMethod historyMethod(TunnelService tunnels, LinkHistory history) {
    return new HistoryMethod(tunnels, history);
  }

  @Bean
  LogsMethod logsMethod(RecentLog log) {
    return new LogsMethod(log);
  }
}
