package cloud.runbeam.wgagent.app.device;

import cloud.runbeam.wgagent.app.config.AgentSettings;
import cloud.runbeam.wgagent.app.state.FileTimestampStore;
import cloud.runbeam.wgagent.app.uapi.UapiListener;
import cloud.runbeam.wgagent.engine.CloseReason;
import cloud.runbeam.wgagent.engine.EnginePorts;
import cloud.runbeam.wgagent.engine.WireGuardDevice;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.engine.io.TimestampStore;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.uapi.UapiSession;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A device that is configured over its UAPI socket alone, as {@code wireguard-go NAME} makes one.
 *
 * <p>It ends when {@link #close} is called, when its interface is deleted, or when its socket file
 * is removed. Any thread.
 */
public final class BareDevice implements Stopping.Resource {
  /** What {@code wg-quick} and wireguard-go start from: 1500 less the overhead over IPv6. */
  public static final int DEFAULT_MTU_BYTES = 1420;

  private final WireGuardEngine engine;
  private final WireGuardDevice device;
  private final UapiListener listener;

  private BareDevice(WireGuardEngine engine, WireGuardDevice device, UapiListener listener) {
    this.engine = engine;
    this.device = device;
    this.listener = listener;
  }

  /** The ports of an engine that runs on {@code platform} and remembers {@code timestamps}. */
  public static EnginePorts ports(PlatformPlugin platform, TimestampStore timestamps) {
    return new EnginePorts(
        platform.udp(),
        platform.monotonicClock(),
        platform.wallClock(),
        platform.entropy(),
        platform.memoryGuard(),
        timestamps);
  }

  /**
   * Creates the interface and its socket; it answers when this returns. Nothing is left behind when
   * this throws.
   *
   * @param name 1 to 15 characters of {@code [A-Za-z0-9_=+.-]}
   * @param sockets directory of UAPI sockets
   * @param problems hears why requests on the socket were refused
   * @throws PlatformException with what was tried, why it failed and what to do
   */
  public static BareDevice open(
      PlatformPlugin platform, String name, Path sockets, Consumer<String> problems)
      throws PlatformException {
    UapiListener.requireUnanswered(sockets, name);
    TunDevice tun = platform.createTun(name, DEFAULT_MTU_BYTES);
    WireGuardEngine engine =
        WireGuardEngine.start(
            ports(platform, new FileTimestampStore(Path.of(AgentSettings.DEFAULT_STATE_DIR))));
    WireGuardDevice device = engine.open(tun);
    try {
      // The system may have completed the name (utun on macOS).
      UapiListener listener =
          UapiListener.open(
              sockets,
              device.interfaceName(),
              (in, out) -> new UapiSession(device, problems).serve(in, out));
      return new BareDevice(engine, device, listener);
    } catch (PlatformException e) {
      engine.close();
      throw e;
    }
  }

  /** The interface's name. */
  public String name() {
    return device.interfaceName();
  }

  /** The socket's path. */
  public Path socket() {
    return listener.socket();
  }

  /**
   * Why a device ended.
   *
   * @param reason in words
   * @param failed whether that was a fault, rather than somebody's wish
   */
  public record End(String reason, boolean failed) {}

  /**
   * Completes when the device should end or has ended by itself; {@link #close} is still to be
   * called then.
   */
  public CompletableFuture<End> ended() {
    CompletableFuture<End> socketRemoved =
        listener.removed().thenApply(nothing -> new End(listener.socket() + " was removed", false));
    return device.closed().thenApply(this::end).applyToEither(socketRemoved, end -> end);
  }

  private End end(CloseReason reason) {
    return switch (reason) {
      case CLOSED -> new End("closed", false);
      case LINK_DELETED -> new End("the interface was deleted", false);
      case FAILED -> new End(String.valueOf(device.failure()), true);
    };
  }

  /** Stops answering, removes the interface and wipes the keys. */
  @Override
  public void close() {
    listener.close();
    engine.close();
  }
}
