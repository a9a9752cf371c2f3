package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.Params;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import cloud.runbeam.wgagent.app.rotation.Rotation;
import cloud.runbeam.wgagent.app.rotation.RotationPhase;
import cloud.runbeam.wgagent.app.rotation.RotationStatus;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.TunnelException;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code rotate_keys}: a new private key for a network, without interruption. */
public final class RotateKeysMethod implements ControlMethod {
  private final TunnelService tunnels;

  /** The method over these tunnels. */
  public RotateKeysMethod(TunnelService tunnels) {
    this.tunnels = tunnels;
  }

  @Override
  public String name() {
    return "rotate_keys";
  }

  @Override
  public Role role() {
    return Role.ADMIN;
  }

  @Override
  public Object call(ObjectNode params, Caller caller) throws RequestException {
    Params.allowOnly(params, Set.of("network", "phase", "overlap_seconds"));
    String network = Params.requiredText(params, "network");
    String code = Params.text(params, "phase").orElse(RotationPhase.NOW.code());
    RotationPhase phase =
        RotationPhase.of(code)
            .orElseThrow(() ->
                new RequestException(
                    ErrorType.INVALID_PARAMS, "phase is not begin, commit, abort or now"));
    Duration overlap = overlap(params);
    try {
      RotationStatus rotation = tunnels.rotate(network, phase, overlap);
      return Rotated.of(
          network,
          tunnels.status(network).map(NetworkStatus::state).map(state -> state.code()),
          rotation);
    } catch (TunnelException refused) {
      throw TunnelRefusals.translate(refused);
    }
  }

  private static Duration overlap(ObjectNode params) throws RequestException {
    JsonNode value = params.get("overlap_seconds");
    if (value == null || value.isNull()) {
      return Rotation.DEFAULT_OVERLAP;
    }
    long most = Rotation.MAX_OVERLAP.toSeconds();
    long least = Rotation.MIN_OVERLAP.toSeconds();
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < least
        || value.longValue() > most) {
      throw new RequestException(
          ErrorType.INVALID_PARAMS,
          "overlap_seconds is not a whole number from " + least + " to " + most);
    }
    return Duration.ofSeconds(value.longValue());
  }

  /**
   * The result, and the member {@code rotation} of {@code status}.
   *
   * @param network its name
   * @param state as in {@code status}
   * @param publicKey the new key
   * @param previousPublicKey the key before it
   * @param phase {@code begin} or {@code now} while both keys are answered for; {@code commit} or
   *     {@code abort} once it has ended
   * @param overlapUntil when it ends by itself; absent once it has ended
   * @param peersMoved peers that have a handshake with the new key
   * @param peersTotal peers of the network
   */
  public record Rotated(
      Optional<String> network,
      Optional<String> state,
      String publicKey,
      String previousPublicKey,
      String phase,
      Optional<Instant> overlapUntil,
      int peersMoved,
      int peersTotal) {

    private static Rotated of(String network, Optional<String> state, RotationStatus rotation) {
      return of(Optional.of(network), state, rotation);
    }

    /** As a member of {@code status}, which names the network itself. */
    static Rotated of(RotationStatus rotation) {
      return of(Optional.empty(), Optional.empty(), rotation);
    }

    private static Rotated of(
        Optional<String> network, Optional<String> state, RotationStatus rotation) {
      return new Rotated(
          network,
          state,
          rotation.publicKey().toBase64(),
          rotation.previousPublicKey().toBase64(),
          rotation.phase().code(),
          rotation.overlapUntil(),
          rotation.peersMoved(),
          rotation.peersTotal());
    }
  }
}
