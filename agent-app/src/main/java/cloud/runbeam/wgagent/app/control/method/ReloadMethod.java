package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.ConfigResult;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.Effect;
import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.Params;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import cloud.runbeam.wgagent.app.tunnel.ConfirmedApply;
import cloud.runbeam.wgagent.app.tunnel.NetworkDiff;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.TunnelException;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code reload} makes networks what the file, or the configuration in the request, says; {@code
 * plan} tells what that would change.
 *
 * <pre>
 *   network  config
 *      -        -     the file is read again, all its networks
 *      x        -     the file is read again, this network; one of the API is settled anew
 *      x        x     this network, as in the request
 * </pre>
 *
 * <p>With {@code confirm_secs}, a reload is taken back after that time unless {@code confirm} is
 * called.
 */
public final class ReloadMethod implements ControlMethod {
  private final Effect effect;
  private final TunnelService tunnels;
  private final NetworkFile file;
  private final RequestedConfig requested;
  private final ConfirmedApply confirmed;

  private ReloadMethod(
      Effect effect,
      TunnelService tunnels,
      ConfirmedApply confirmed,
      NetworkFile file,
      RequestedConfig requested) {
    this.effect = effect;
    this.tunnels = tunnels;
    this.confirmed = confirmed;
    this.file = file;
    this.requested = requested;
  }

  /** {@code reload} over these tunnels. */
  public static ReloadMethod reload(
      TunnelService tunnels,
      ConfirmedApply confirmed,
      NetworkFile file,
      RequestedConfig requested) {
    return new ReloadMethod(Effect.CHANGE, tunnels, confirmed, file, requested);
  }

  /** {@code plan} over these tunnels. */
  public static ReloadMethod plan(
      TunnelService tunnels,
      ConfirmedApply confirmed,
      NetworkFile file,
      RequestedConfig requested) {
    return new ReloadMethod(Effect.READ, tunnels, confirmed, file, requested);
  }

  @Override
  public String name() {
    return isPlan() ? "plan" : "reload";
  }

  @Override
  public Role role() {
    return Role.ADMIN;
  }

  @Override
  public Effect effect() {
    return effect;
  }

  private boolean isPlan() {
    return effect == Effect.READ;
  }

  @Override
  public Object call(ObjectNode params, Caller caller) throws RequestException {
    Params.allowOnly(
        params,
        isPlan()
            ? Set.of("network", "config")
            : Set.of("network", "config", "persist", "confirm_secs"));
    Optional<String> network = Params.text(params, "network");
    boolean persist = Params.truth(params, "persist").orElse(false);
    if (network.isEmpty() && (persist || params.hasNonNull("config"))) {
      throw new RequestException(
          ErrorType.INVALID_PARAMS, "config is that of one network: name it in network");
    }
    Optional<Duration> within = within(params);
    if (persist && within.isPresent()) {
      throw new RequestException(
          ErrorType.INVALID_PARAMS,
          "persist does not go with confirm_secs: confirm first, then reload with persist");
    }
    try {
      if (network.isEmpty()) {
        return all(within);
      }
      Optional<NetworkConfig> config = requested.network(params, network.get(), caller);
      ReloadReport report =
          config.isPresent() ? settled(config.get(), within) : ofFile(network.get(), within);
      if (persist) {
        tunnels.persist(network.get());
      }
      return report;
    } catch (TunnelException refused) {
      throw TunnelRefusals.translate(refused);
    }
  }

  private static Optional<Duration> within(ObjectNode params) throws RequestException {
    OptionalLong seconds = Params.number(params, "confirm_secs");
    if (seconds.isEmpty()) {
      return Optional.empty();
    }
    long most = ConfirmedApply.LONGEST.toSeconds();
    if (seconds.getAsLong() < 1 || seconds.getAsLong() > most) {
      throw new RequestException(ErrorType.INVALID_PARAMS, "confirm_secs is not in 1 to " + most);
    }
    return Optional.of(Duration.ofSeconds(seconds.getAsLong()));
  }

  private ReloadReport.Networks all(Optional<Duration> within)
      throws RequestException, TunnelException {
    List<NetworkConfig> wanted = networksOfFile();
    List<NetworkDiff> diffs;
    if (isPlan()) {
      diffs = tunnels.plan(wanted);
    } else {
      diffs = within.isPresent() ? confirmed.apply(wanted, within.get()) : tunnels.reload(wanted);
    }
    return ReloadReport.Networks.of(diffs.stream().map(this::report).toList());
  }

  private ReloadReport ofFile(String network, Optional<Duration> within)
      throws RequestException, TunnelException {
    List<NetworkConfig> wanted = networksOfFile();
    Optional<NetworkConfig> found =
        wanted.stream().filter(config -> config.name().equals(network)).findFirst();
    if (found.isEmpty()) {
      NetworkStatus known =
          tunnels
              .status(network)
              .orElseThrow(() -> new RequestException(ErrorType.NETWORK_NOT_FOUND, network));
      return settled(known.config(), within);
    }
    NetworkConfig ofNetwork = found.get();
    if (isPlan()) {
      return report(tunnels.planFromFile(ofNetwork));
    }
    return report(
        within.isPresent()
            ? confirmed.applyFromFile(ofNetwork, within.get())
            : tunnels.reloadFromFile(ofNetwork));
  }

  private ReloadReport settled(NetworkConfig config, Optional<Duration> within)
      throws TunnelException {
    if (isPlan()) {
      return report(tunnels.plan(config));
    }
    return report(
        within.isPresent() ? confirmed.apply(config, within.get()) : tunnels.reload(config));
  }

  private ReloadReport report(NetworkDiff diff) {
    return ReloadReport.of(
        diff, tunnels.status(diff.network()).map(status -> status.state().code()));
  }

  private List<NetworkConfig> networksOfFile() throws RequestException {
    return switch (file.read()) {
      case ConfigResult.Loaded(AgentConfig config) -> config.networks();
      case ConfigResult.Rejected rejected -> throw RequestedConfig.refusal(rejected.problems());
    };
  }
}
