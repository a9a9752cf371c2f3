package cloud.runbeam.wgagent.app.tracing;

import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.RequestObserver;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import java.util.Locale;

/** A span for each control request, and what happens on its thread meanwhile below it. */
final class RequestSpans implements RequestObserver {
  private final Tracer tracer;

  RequestSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // closed by the end of the request, on the same thread
  public Running begun(String method) {
    Span span =
        tracer
            .spanBuilder("control " + method)
            .setNoParent()
            .setSpanKind(SpanKind.SERVER)
            .setAttribute("rpc.system", "jsonrpc")
            .setAttribute("rpc.method", method)
            .startSpan();
    Scope scope = span.makeCurrent();
    return refusal -> {
      refusal.ifPresent(type -> {
        span.setAttribute("error.type", code(type));
        span.setStatus(StatusCode.ERROR);
      });
      scope.close();
      span.end();
    };
  }

  @Override
  public void refused(ErrorType type) {
    // Metrics count those; a trace of what was not done says nothing.
  }

  private static String code(ErrorType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }
}
