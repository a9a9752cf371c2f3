package cloud.runbeam.wgagent.app.tracing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import org.awaitility.Awaitility;

/** A collector that takes OTLP over HTTP and decodes it. */
public final class SpanReceiver implements AutoCloseable {
  private final HttpServer server;
  private final List<ExportTraceServiceRequest> requests = new CopyOnWriteArrayList<>();
  private final List<String> contentTypes = new CopyOnWriteArrayList<>();

  private SpanReceiver(HttpServer server) {
    this.server = server;
  }

  /** Listens on a free port of this machine. */
  public static SpanReceiver start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    SpanReceiver receiver = new SpanReceiver(server);
    server.createContext("/v1/traces", receiver::take);
    server.start();
    return receiver;
  }

  /** What to configure. */
  public String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void take(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    String encoding =
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Content-Encoding")).orElse("");
    try (InputStream in =
        encoding.equals("gzip")
            ? new GZIPInputStream(new ByteArrayInputStream(body))
            : new ByteArrayInputStream(body)) {
      contentTypes.add(String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type")));
      requests.add(ExportTraceServiceRequest.parseFrom(in));
    }
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }

  /** Media types of what came. */
  public List<String> contentTypes() {
    return List.copyOf(contentTypes);
  }

  /** Everything that came, decoded and printed. */
  public String text() {
    return requests.toString();
  }

  /** Every span that came. */
  public List<Span> spans() {
    List<Span> spans = new ArrayList<>();
    for (ExportTraceServiceRequest request : requests) {
      request
          .getResourceSpansList()
          .forEach(of -> of.getScopeSpansList().forEach(in -> spans.addAll(in.getSpansList())));
    }
    return spans;
  }

  /** The first span of that name, once it has come. */
  public Span await(String name) {
    Awaitility.await("span " + name)
        .atMost(Duration.ofSeconds(30))
        .until(() -> find(name).isPresent());
    return find(name).orElseThrow();
  }

  private Optional<Span> find(String name) {
    return spans().stream().filter(span -> span.getName().equals(name)).findFirst();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
