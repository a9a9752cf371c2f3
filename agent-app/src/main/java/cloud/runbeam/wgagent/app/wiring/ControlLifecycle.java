package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.AgentSettings;
import cloud.runbeam.wgagent.app.control.ControlLimits;
import cloud.runbeam.wgagent.app.control.ControlServer;
import cloud.runbeam.wgagent.app.control.ControlSocketException;
import cloud.runbeam.wgagent.app.control.Deadlines;
import cloud.runbeam.wgagent.app.control.rpc.Dispatcher;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** Opens the control socket with the application, and closes it with it. */
final class ControlLifecycle implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(ControlLifecycle.class);

  private final AgentSettings settings;
  private final Dispatcher dispatcher;
  private final ControlLimits limits;
  private final Deadlines deadlines;
  private volatile @Nullable ControlServer server;

  ControlLifecycle(
      AgentSettings settings, Dispatcher dispatcher, ControlLimits limits, Deadlines deadlines) {
    this.settings = settings;
    this.dispatcher = dispatcher;
    this.limits = limits;
    this.deadlines = deadlines;
  }

  @Override
  public void start() {
    try {
      server = ControlServer.start(settings.control().socket(), dispatcher, limits, deadlines);
      log.info("control socket is {}", settings.control().socket());
    } catch (ControlSocketException refused) {
      throw new AgentStartException(String.valueOf(refused.getMessage()), refused);
    }
  }

  @Override
  public void stop() {
    ControlServer running = server;
    if (running != null) {
      running.close();
      server = null;
    }
  }

  @Override
  public boolean isRunning() {
    return server != null;
  }

  @Override
  public int getPhase() {
    return LifecyclePhases.CONTROL;
  }
}
