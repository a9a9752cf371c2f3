package cloud.runbeam.wgagent.app.tracing;

import cloud.runbeam.wgagent.app.tunnel.Topic;
import cloud.runbeam.wgagent.app.tunnel.TunnelEvent;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Spans of networks coming up and going down, and of handshakes. Called on the thread that acts:
 * between "starting" and "active" everything this thread does is below the span of the start.
 */
final class TunnelSpans implements Consumer<TunnelEvent> {
  private static final String FIRST_HANDSHAKE = "1";

  private final Tracer tracer;
  private final Map<String, Open> open = new ConcurrentHashMap<>();
  private final Map<String, Context> lastStarts = new ConcurrentHashMap<>();

  TunnelSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public void accept(TunnelEvent event) {
    if (event.topic() == Topic.STATE) {
      state(event);
    } else if (event.topic() == Topic.HANDSHAKE) {
      handshake(event);
    } else {
      Span.current().addEvent(event.topic().code());
    }
  }

  private void state(TunnelEvent event) {
    switch (text(event, "to")) {
      case "starting" -> begin(event, "network start");
      case "stopping" -> begin(event, "network stop");
      case "active", "stopped", "error" -> end(event);
      default -> {
        // Nothing takes time there.
      }
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // closed by the event that ends it, on the same thread
  private void begin(TunnelEvent event, String name) {
    Span span = tracer.spanBuilder(name).setAttribute("wg.network", event.network()).startSpan();
    Open before =
        open.put(event.network(), new Open(span, span.makeCurrent(), Thread.currentThread()));
    if (before != null) {
      before.end();
    }
    lastStarts.put(event.network(), Context.current());
  }

  private void end(TunnelEvent event) {
    Open begun = open.remove(event.network());
    if (begun == null) {
      return;
    }
    String failure = text(event, "failure");
    if (!failure.isEmpty()) {
      begun.span().setStatus(StatusCode.ERROR, failure);
    }
    begun.end();
    if (text(event, "to").equals("stopped")) {
      lastStarts.remove(event.network());
    }
  }

  /** It is over when we hear of it; how long it took is known where this side began it. */
  private void handshake(TunnelEvent event) {
    Instant end = event.at();
    Object roundTrip = event.data().get("round_trip_ms");
    Instant start =
        roundTrip instanceof Number ms
            ? end.minus(Duration.ofNanos((long) (ms.doubleValue() * 1e6)))
            : end;
    SpanBuilder span =
        tracer
            .spanBuilder("handshake")
            .setStartTimestamp(start)
            .setAttribute("wg.network", event.network())
            .setAttribute("wg.peer", event.peer().orElse(""))
            .setAttribute("wg.endpoint", text(event, "endpoint"));
    Context bringUp = lastStarts.get(event.network());
    if (bringUp != null && text(event, "completed").equals(FIRST_HANDSHAKE)) {
      span.setParent(bringUp);
    } else {
      span.setNoParent();
    }
    span.startSpan().end(end);
  }

  private static String text(TunnelEvent event, String member) {
    Object value = event.data().get(member);
    return value == null ? "" : value.toString();
  }

  /** A span that is current on a thread. */
  private record Open(Span span, Scope scope, Thread thread) {
    void end() {
      if (Thread.currentThread() == thread) {
        scope.close();
      }
      span.end();
    }
  }
}
