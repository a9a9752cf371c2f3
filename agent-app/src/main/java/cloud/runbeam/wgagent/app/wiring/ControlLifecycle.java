package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.AgentSettings;
import cloud.runbeam.wgagent.app.control.CallerIdentity;
import cloud.runbeam.wgagent.app.control.ControlLimits;
import cloud.runbeam.wgagent.app.control.ControlServer;
import cloud.runbeam.wgagent.app.control.ControlSocketException;
import cloud.runbeam.wgagent.app.control.ControlSocketFile;
import cloud.runbeam.wgagent.app.control.Deadlines;
import cloud.runbeam.wgagent.app.control.Groups;
import cloud.runbeam.wgagent.app.control.SocketCredentials;
import cloud.runbeam.wgagent.app.control.rpc.Dispatcher;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** Opens the control socket with the application, and closes it with it. */
final class ControlLifecycle implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(ControlLifecycle.class);

  private final AgentSettings.Control settings;
  private final PlatformPlugin platform;
  private final Dispatcher dispatcher;
  private final ControlLimits limits;
  private final Deadlines deadlines;
  private volatile @Nullable ControlServer server;

  ControlLifecycle(
      AgentSettings.Control settings,
      PlatformPlugin platform,
      Dispatcher dispatcher,
      ControlLimits limits,
      Deadlines deadlines) {
    this.settings = settings;
    this.platform = platform;
    this.dispatcher = dispatcher;
    this.limits = limits;
    this.deadlines = deadlines;
  }

  @Override
  public void start() {
    try {
      CallerIdentity identity = identity();
      ControlSocketFile socket = socket();
      server = ControlServer.start(socket, identity, dispatcher, limits, deadlines);
      log.info("control socket is {}", socket.path());
    } catch (ControlSocketException | PlatformException refused) {
      throw new AgentStartException(String.valueOf(refused.getMessage()), refused);
    }
  }

  private ControlSocketFile socket() throws ControlSocketException, PlatformException {
    Optional<ServerSocketChannel> inherited = platform.inheritedSockets().control();
    if (inherited.isPresent()) {
      return ControlSocketFile.inherited(inherited.get());
    }
    List<String> groups =
        Stream.concat(settings.adminGroups().stream(), settings.readerGroups().stream()).toList();
    return ControlSocketFile.bind(settings.socket(), groups, platform.socketAccess());
  }

  private CallerIdentity identity() {
    String self = platform.privileges().currentUser();
    try {
      return SocketCredentials.of(
          self,
          new Groups(settings.adminGroups(), settings.readerGroups()),
          platform.accounts(),
          platform.peerCredentials(),
          platform.monotonicClock());
    } catch (IOException failed) {
      throw new AgentStartException(
          "cannot tell callers of the control socket apart: user "
              + self
              + ": "
              + failed.getMessage(),
          failed);
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
