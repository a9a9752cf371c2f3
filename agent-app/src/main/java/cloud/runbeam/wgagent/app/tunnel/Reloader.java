package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.ConfigLoader;
import cloud.runbeam.wgagent.app.config.ConfigResult;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import java.time.Duration;
import java.util.List;

/**
 * Reads the configuration file again and makes the networks what it says. A file with problems
 * changes nothing. Any thread.
 */
public final class Reloader {
  private final AgentConfig started;
  private final ConfigLoader loader;
  private final TunnelService tunnels;

  /**
   * A reloader of the file that the agent was started with.
   *
   * @param started what it said then
   */
  public Reloader(AgentConfig started, ConfigLoader loader, TunnelService tunnels) {
    this.started = started;
    this.loader = loader;
    this.tunnels = tunnels;
  }

  /**
   * Reloads all networks of the file.
   *
   * @throws TunnelException as {@link TunnelService#reload(List)}
   */
  public ReloadResult reload() throws TunnelException {
    return with(config -> tunnels.reload(config.networks()));
  }

  /**
   * Reloads one network of the file and leaves the others alone.
   *
   * @throws TunnelException if the file has none of that name, and as {@link
   *     TunnelService#reloadFromFile}
   */
  public ReloadResult reload(String network) throws TunnelException {
    return with(config -> List.of(tunnels.reloadFromFile(network(config, network))));
  }

  /**
   * What {@link #reload()} would do.
   *
   * @throws TunnelException as {@link TunnelService#plan(List)}
   */
  public ReloadResult plan() throws TunnelException {
    return with(config -> tunnels.plan(config.networks()));
  }

  /**
   * What {@link #reload(String)} would do.
   *
   * @throws TunnelException if the file has none of that name, or a key cannot be read
   */
  public ReloadResult plan(String network) throws TunnelException {
    return with(config -> List.of(tunnels.planFromFile(network(config, network))));
  }

  /**
   * As {@link #reload()}, taken back unless it is confirmed in time.
   *
   * @throws TunnelException as {@link ConfirmedApply#apply(List, Duration)}
   */
  public ReloadResult apply(ConfirmedApply confirmed, Duration within) throws TunnelException {
    return with(config -> confirmed.apply(config.networks(), within));
  }

  private ReloadResult with(Step step) throws TunnelException {
    return switch (loader.load(started.file())) {
      case ConfigResult.Rejected rejected -> new ReloadResult.Rejected(rejected.problems());
      case ConfigResult.Loaded loaded -> {
        AgentConfig config = loaded.config();
        yield new ReloadResult.Applied(
            step.take(config), config.notices(), !config.agent().equals(started.agent()));
      }
    };
  }

  private static NetworkConfig network(AgentConfig config, String name) throws TunnelException {
    return config
        .network(name)
        .orElseThrow(() -> new TunnelException(TunnelException.Reason.NETWORK_NOT_FOUND, name));
  }

  /** What to do with what the file says. */
  @FunctionalInterface
  private interface Step {
    List<NetworkDiff> take(AgentConfig config) throws TunnelException;
  }
}
