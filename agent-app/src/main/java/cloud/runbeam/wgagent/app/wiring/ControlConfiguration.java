package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.audit.AuditEntry;
import cloud.runbeam.wgagent.app.audit.AuditLog;
import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.AgentSettings;
import cloud.runbeam.wgagent.app.config.ConfigLoader;
import cloud.runbeam.wgagent.app.config.JsonConfig;
import cloud.runbeam.wgagent.app.config.KeyDirectories;
import cloud.runbeam.wgagent.app.control.ControlLimits;
import cloud.runbeam.wgagent.app.control.SystemDeadlines;
import cloud.runbeam.wgagent.app.control.method.ConfirmMethod;
import cloud.runbeam.wgagent.app.control.method.ConnectMethod;
import cloud.runbeam.wgagent.app.control.method.DisconnectMethod;
import cloud.runbeam.wgagent.app.control.method.ListMethod;
import cloud.runbeam.wgagent.app.control.method.NetworkFile;
import cloud.runbeam.wgagent.app.control.method.PeerMethod;
import cloud.runbeam.wgagent.app.control.method.PingMethod;
import cloud.runbeam.wgagent.app.control.method.ReloadMethod;
import cloud.runbeam.wgagent.app.control.method.RequestedConfig;
import cloud.runbeam.wgagent.app.control.method.RotateKeysMethod;
import cloud.runbeam.wgagent.app.control.method.StatusMethod;
import cloud.runbeam.wgagent.app.control.method.SubscribeMethod;
import cloud.runbeam.wgagent.app.control.method.VersionMethod;
import cloud.runbeam.wgagent.app.control.rpc.ActionDialect;
import cloud.runbeam.wgagent.app.control.rpc.Caller.ProcessIds;
import cloud.runbeam.wgagent.app.control.rpc.ChangeLog;
import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.Dispatcher;
import cloud.runbeam.wgagent.app.control.rpc.JsonCodec;
import cloud.runbeam.wgagent.app.control.rpc.JsonRpcDialect;
import cloud.runbeam.wgagent.app.control.rpc.MethodTable;
import cloud.runbeam.wgagent.app.control.rpc.RateLimits;
import cloud.runbeam.wgagent.app.control.rpc.RequestObserver;
import cloud.runbeam.wgagent.app.health.HealthJudge;
import cloud.runbeam.wgagent.app.health.ProblemSource;
import cloud.runbeam.wgagent.app.probe.ProbeResults;
import cloud.runbeam.wgagent.app.tunnel.ConfirmedApply;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The control API: who may call what, and what is written down about it. */
@Configuration(proxyBeanMethods = false)
class ControlConfiguration {
  @Bean
  ControlLimits controlLimits() {
    return ControlLimits.standard();
  }

  @Bean(destroyMethod = "close")
  SystemDeadlines controlDeadlines() {
    return new SystemDeadlines();
  }

  @Bean
  JsonCodec controlCodec(ControlLimits limits) {
    return new JsonCodec(limits.maxLineBytes());
  }

  @Bean(destroyMethod = "close")
  AuditLog auditLog(AgentSettings settings, ObjectProvider<PlatformPlugin> platforms) {
    return new AuditLog(
        settings.stateDir(),
        platform(platforms).wallClock(),
        AuditLog.STANDARD_BYTES,
        AuditLog.STANDARD_KEPT);
  }

  @Bean
  ProblemSource auditProblem(AuditLog audit) {
    return audit::problem;
  }

  @Bean
  MethodTable controlMethods(
      List<ControlMethod> methods,
      JsonCodec codec,
      ObjectProvider<PlatformPlugin> platforms,
      AuditLog audit,
      RequestObserver observer) {
    return new MethodTable(
        methods,
        codec,
        RateLimits.standard(platform(platforms).monotonicClock()),
        changeLog(audit),
        observer);
  }

  private static ChangeLog changeLog(AuditLog audit) {
    return (caller, method, network, outcome, change) -> {
      ProcessIds process = caller.process();
      audit.record(
          new AuditEntry(
              caller.user(),
              process.uid(),
              process.gid(),
              process.pid(),
              process.executable(),
              method,
              network,
              outcome,
              change));
    };
  }

  @Bean
  JsonConfig jsonConfig(AgentConfig config) {
    Path file = config.file().toAbsolutePath();
    return new JsonConfig(System.getenv(), Optional.ofNullable(file.getParent()).orElse(file));
  }

  @Bean
  RequestedConfig requestedConfig(JsonConfig json, AgentSettings settings) {
    return new RequestedConfig(json, new KeyDirectories(settings.control().keyDirs()));
  }

  @Bean
  NetworkFile networkFile(AgentConfig config, ConfigLoader loader) {
    return () -> loader.load(config.file());
  }

  @Bean
  Dispatcher controlDispatcher(
      MethodTable methods, JsonCodec codec, JsonConfig json, RequestObserver observer) {
    return new Dispatcher(
        codec, List.of(new JsonRpcDialect(methods), new ActionDialect(methods, json)), observer);
  }

  @Bean
  ControlLifecycle controlLifecycle(
      AgentSettings settings,
      ObjectProvider<PlatformPlugin> platforms,
      Dispatcher dispatcher,
      ControlLimits limits,
      SystemDeadlines deadlines) {
    return new ControlLifecycle(
        settings.control(), platform(platforms), dispatcher, limits, deadlines);
  }

  @Bean
  StatusMethod statusMethod(TunnelService tunnels, HealthJudge judge, ProbeResults probes) {
    return new StatusMethod(tunnels, judge, probes);
  }

  @Bean
  ListMethod listMethod(TunnelService tunnels) {
    return new ListMethod(tunnels);
  }

  @Bean
  ConnectMethod connectMethod(TunnelService tunnels, RequestedConfig requested) {
    return new ConnectMethod(tunnels, requested);
  }

  @Bean
  DisconnectMethod disconnectMethod(TunnelService tunnels) {
    return new DisconnectMethod(tunnels);
  }

  @Bean
  ReloadMethod reloadMethod(
      TunnelService tunnels,
      NetworkFile file,
      RequestedConfig requested,
      ConfirmedApply confirmed) {
    return ReloadMethod.reload(tunnels, file, requested, confirmed);
  }

  @Bean
  ReloadMethod planMethod(
      TunnelService tunnels,
      NetworkFile file,
      RequestedConfig requested,
      ConfirmedApply confirmed) {
    return ReloadMethod.plan(tunnels, file, requested, confirmed);
  }

  @Bean
  ConfirmMethod confirmMethod(TunnelService tunnels, ConfirmedApply confirmed) {
    return new ConfirmMethod(tunnels, confirmed);
  }

  @Bean
  PeerMethod.Setting setPeerMethod(TunnelService tunnels, RequestedConfig requested) {
    return new PeerMethod.Setting(tunnels, requested);
  }

  @Bean
  PeerMethod.Removal removePeerMethod(TunnelService tunnels) {
    return new PeerMethod.Removal(tunnels);
  }

  @Bean
  RotateKeysMethod rotateKeysMethod(TunnelService tunnels) {
    return new RotateKeysMethod(tunnels);
  }

  @Bean
  SubscribeMethod subscribeMethod(TunnelService tunnels, JsonCodec codec) {
    return new SubscribeMethod(tunnels.events(), codec);
  }

  @Bean
  PingMethod pingMethod() {
    return new PingMethod();
  }

  @Bean
  VersionMethod versionMethod(ObjectProvider<PlatformPlugin> platforms, WireGuardEngine engine) {
    return new VersionMethod(
        new VersionMethod.Version(
            AgentApplication.version(),
            Runtime.version().toString(),
            platform(platforms).name(),
            System.getProperty("os.name") + " " + System.getProperty("os.version"),
            engine.aeadName(),
            platform(platforms).offloads()));
  }

  private static PlatformPlugin platform(ObjectProvider<PlatformPlugin> platforms) {
    return AgentConfiguration.platform(platforms);
  }
}
