package cloud.runbeam.wgagent.app.tracing;

import cloud.runbeam.wgagent.app.control.rpc.RequestObserver;
import cloud.runbeam.wgagent.app.tunnel.TunnelEvent;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.net.URI;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Where spans are made.
 *
 * <pre>
 *   control connect                      RequestObserver
 *     network start                      events, heard on the thread that acts
 *       create interface, ...            PlatformPlugin, seen through a proxy
 *       handshake                        the first of each peer; later ones stand alone
 * </pre>
 *
 * @param requests hears control requests
 * @param events hears events on the thread that publishes them
 * @param platform makes spans of what a platform is asked to change
 * @param exporter sends spans; closing it sends what is left
 */
public record Tracing(
    RequestObserver requests,
    Consumer<TunnelEvent> events,
    UnaryOperator<PlatformPlugin> platform,
    Exporter exporter)
    implements AutoCloseable {

  /** No spans: no thread, no object, no class of OpenTelemetry. */
  public static final Tracing OFF =
      new Tracing(RequestObserver.NONE, _ -> {}, UnaryOperator.identity(), () -> {});

  /**
   * Traces for the receiver at {@code endpoint}, or none without one.
   *
   * @param endpoint base address of an OTLP/HTTP receiver
   * @param version of this release
   */
  public static Tracing to(Optional<URI> endpoint, String version) {
    return endpoint.map(address -> SpanExport.start(address, version)).orElse(OFF);
  }

  /** Whether there are spans at all. */
  public boolean isOn() {
    return requests != RequestObserver.NONE;
  }

  @Override
  public void close() {
    exporter.close();
  }

  /** Sends spans until it is closed. */
  @FunctionalInterface
  public interface Exporter extends AutoCloseable {
    @Override
    void close();
  }
}
