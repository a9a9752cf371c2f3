package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.Params;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import cloud.runbeam.wgagent.app.history.HistoryPoint;
import cloud.runbeam.wgagent.app.history.LinkHistory;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** {@code history}: the last hour of a peer's link, a point for each minute. */
public final class HistoryMethod implements ControlMethod {
  private final TunnelService tunnels;
  private final LinkHistory history;

  /** The method over these tunnels and their history. */
  public HistoryMethod(TunnelService tunnels, LinkHistory history) {
    this.tunnels = tunnels;
    this.history = history;
  }

  @Override
  public String name() {
    return "history";
  }

  @Override
  public Role role() {
    return Role.READER;
  }

  @Override
  public Object call(ObjectNode params, Caller caller) throws RequestException {
    Params.allowOnly(params, Set.of("network", "peer"));
    String network = Params.requiredText(params, "network");
    String peer = Params.requiredText(params, "peer");
    NetworkStatus status =
        tunnels
            .status(network)
            .orElseThrow(() -> new RequestException(ErrorType.NETWORK_NOT_FOUND, network));
    PublicKey key =
        status.device().stream()
            .flatMap(device -> device.peers().stream())
            .map(PeerSnapshot::publicKey)
            .filter(each -> each.toBase64().equals(peer) || status.peerName(each).equals(peer))
            .findFirst()
            .orElseThrow(() ->
                new RequestException(
                    ErrorType.INVALID_PARAMS,
                    "peer: network " + network + " has no peer of that name or public key"));
    return new History(
        network,
        status.peerName(key),
        key.toBase64(),
        history.of(network, key).stream().map(Point::of).toList());
  }

  /**
   * The result.
   *
   * @param network the network's name
   * @param peer the peer's name
   * @param publicKey in base64
   * @param points the oldest first, at most 60
   */
  public record History(String network, String peer, String publicKey, List<Point> points) {}

  /**
   * One minute.
   *
   * @param at its end, ISO 8601 in UTC
   * @param latencyMs round trip of a handshake in that minute
   * @param lossRatio share of the peer's packets that never came
   * @param txBytesPerSecond sent
   * @param rxBytesPerSecond received
   */
  public record Point(
      String at,
      OptionalDouble latencyMs,
      OptionalDouble lossRatio,
      long txBytesPerSecond,
      long rxBytesPerSecond) {
    private static Point of(HistoryPoint point) {
      return new Point(
          point.at().toString(),
          point.latencyMs(),
          point.lossRatio(),
          Math.round(point.txBytesPerSecond()),
          Math.round(point.rxBytesPerSecond()));
    }
  }
}
