package cloud.runbeam.wgagent.app.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Sends spans over OTLP/HTTP, in batches, on a thread of its own. At most {@value #MAX_WAITING}
 * spans wait; what a receiver does not take is lost, and nothing waits for it.
 */
final class SpanExport {
  private static final int MAX_WAITING = 2_048;
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /** An agent that ends does not wait long for a receiver that is gone. */
  private static final long FLUSH_SECONDS = 2;

  private SpanExport() {}

  static Tracing start(URI endpoint, String version) {
    String base = endpoint.toString();
    SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .setResource(
                Resource.create(
                    Attributes.of(
                        AttributeKey.stringKey("service.name"),
                        "wg-agent",
                        AttributeKey.stringKey("service.version"),
                        version)))
            .addSpanProcessor(
                BatchSpanProcessor.builder(
                        OtlpHttpSpanExporter.builder()
                            .setEndpoint((base.endsWith("/") ? base : base + "/") + "v1/traces")
                            .setTimeout(TIMEOUT)
                            .build())
                    .setMaxQueueSize(MAX_WAITING)
                    .setScheduleDelay(INTERVAL)
                    .build())
            .build();
    Tracer tracer = provider.get("cloud.runbeam.wg-agent");
    return new Tracing(
        new RequestSpans(tracer),
        new TunnelSpans(tracer),
        new PlatformSpans(tracer),
        () -> provider.shutdown().join(FLUSH_SECONDS, TimeUnit.SECONDS));
  }
}
