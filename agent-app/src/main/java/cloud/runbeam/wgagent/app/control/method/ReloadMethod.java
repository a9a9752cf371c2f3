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
import java.util.Set;
import tools.jackson.databind.JsonNode;
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
 * <p>With {@code confirm_seconds} the change is taken back unless {@code confirm} comes in time.
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
      NetworkFile file,
      RequestedConfig requested,
      ConfirmedApply confirmed) {
    this.effect = effect;
    this.tunnels = tunnels;
    this.file = file;
    this.requested = requested;
    this.confirmed = confirmed;
  }

  /** {@code reload} over these tunnels. */
  public static ReloadMethod reload(
      TunnelService tunnels,
      NetworkFile file,
      RequestedConfig requested,
      ConfirmedApply confirmed) {
    return new ReloadMethod(Effect.CHANGE, tunnels, file, requested, confirmed);
  }

  /** {@code plan} over these tunnels. */
  public static ReloadMethod plan(
      TunnelService tunnels,
      NetworkFile file,
      RequestedConfig requested,
      ConfirmedApply confirmed) {
    return new ReloadMethod(Effect.READ, tunnels, file, requested, confirmed);
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
            : Set.of("network", "config", "persist", "confirm_seconds"));
    Optional<String> network = Params.text(params, "network");
    boolean persist = Params.truth(params, "persist").orElse(false);
    Optional<Duration> within = within(params);
    if (network.isEmpty() && (persist || params.hasNonNull("config"))) {
      throw new RequestException(
          ErrorType.INVALID_PARAMS, "config is that of one network: name it in network");
    }
    if (within.isPresent() && (persist || (network.isPresent() && !params.hasNonNull("config")))) {
      throw new RequestException(
          ErrorType.INVALID_PARAMS,
          "confirm_seconds goes with the whole file or with a config, and not with persist");
    }
    try {
      if (network.isEmpty()) {
        return all(within);
      }
      Optional<NetworkConfig> config = requested.network(params, network.get(), caller);
      if (config.isPresent() && within.isPresent()) {
        return report(confirmed.apply(config.get(), within.get()));
      }
      ReloadReport report = config.isPresent() ? settled(config.get()) : ofFile(network.get());
      if (persist) {
        tunnels.persist(network.get());
      }
      return report;
    } catch (TunnelException refused) {
      throw TunnelRefusals.translate(refused);
    }
  }

  private static Optional<Duration> within(ObjectNode params) throws RequestException {
    JsonNode seconds = params.get("confirm_seconds");
    if (seconds == null || seconds.isNull()) {
      return Optional.empty();
    }
    long most = ConfirmedApply.LONGEST.toSeconds();
    if (!seconds.isIntegralNumber()
        || !seconds.canConvertToLong()
        || seconds.longValue() < 1
        || seconds.longValue() > most) {
      throw new RequestException(
          ErrorType.INVALID_PARAMS, "confirm_seconds is not a whole number from 1 to " + most);
    }
    return Optional.of(Duration.ofSeconds(seconds.longValue()));
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

  private ReloadReport ofFile(String network) throws RequestException, TunnelException {
    List<NetworkConfig> wanted = networksOfFile();
    Optional<NetworkConfig> found =
        wanted.stream().filter(config -> config.name().equals(network)).findFirst();
    if (found.isEmpty()) {
      NetworkStatus known =
          tunnels
              .status(network)
              .orElseThrow(() -> new RequestException(ErrorType.NETWORK_NOT_FOUND, network));
      return settled(known.config());
    }
    return report(
        isPlan() ? tunnels.planFromFile(found.get()) : tunnels.reloadFromFile(found.get()));
  }

  private ReloadReport settled(NetworkConfig config) throws TunnelException {
    return report(isPlan() ? tunnels.plan(config) : tunnels.reload(config));
  }

  private ReloadReport report(NetworkDiff diff) {
    return ReloadReport.of(diff, tunnels);
  }

  private List<NetworkConfig> networksOfFile() throws RequestException {
    return switch (file.read()) {
      case ConfigResult.Loaded(AgentConfig config) -> config.networks();
      case ConfigResult.Rejected rejected -> throw RequestedConfig.refusal(rejected.problems());
    };
  }
}
