package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.Notice;
import cloud.runbeam.wgagent.app.tunnel.TunnelException;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import cloud.runbeam.wgagent.platform.api.PlatformProbe;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** Brings the configured networks up with the application, and down with it. */
final class TunnelLifecycle implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(TunnelLifecycle.class);

  private final AgentConfig config;
  private final PlatformPlugin platform;
  private final WireGuardEngine engine;
  private final TunnelService tunnels;
  private final TunnelPulse pulse;
  private final FileReload reload;
  private volatile boolean running;

  TunnelLifecycle(
      AgentConfig config,
      PlatformPlugin platform,
      WireGuardEngine engine,
      TunnelService tunnels,
      TunnelPulse pulse,
      FileReload reload) {
    this.config = config;
    this.platform = platform;
    this.engine = engine;
    this.tunnels = tunnels;
    this.pulse = pulse;
    this.reload = reload;
  }

  @Override
  public void start() {
    for (Notice notice : config.notices()) {
      log.warn("{}", notice);
    }
    if (config.networks().stream().anyMatch(NetworkConfig::enabled)) {
      requireUsable();
    } else {
      log.warn(
          "{} has no network to bring up; add [network.NAME], or connect one over the control"
              + " socket",
          config.file());
    }
    try {
      tunnels.connectAll();
      running = true;
      pulse.start();
      ProcessSignals.handle("HUP", reload::run);
      engine
          .keys()
          .protectionFailure()
          .ifPresent(reason -> log.warn("secret keys may be swapped out or dumped: {}", reason));
    } catch (TunnelException refused) {
      throw new AgentStartException(String.valueOf(refused.getMessage()), refused);
    }
  }

  private void requireUsable() {
    PlatformProbe probe = platform.probe();
    if (!probe.usable()) {
      throw new AgentStartException(
          "this machine cannot have a tunnel: " + String.join("; ", probe.reasons()));
    }
    probe.reasons().forEach(remark -> log.info("{}", remark));
  }

  @Override
  public void stop() {
    pulse.close();
    tunnels.disconnectAll();
    running = false;
    log.info("all networks are down");
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return LifecyclePhases.TUNNELS;
  }
}
