package cloud.runbeam.wgagent.app.demo;

import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * {@code /healthz} of the demonstration, on loopback: something for {@code curl} to look at,
 * without Spring.
 */
final class HealthPage implements AutoCloseable {
  /** The agent's own port; any other where it is taken. */
  private static final int USUAL_PORT = 9090;

  private static final int BACKLOG = 16;

  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Supplier<DeviceSnapshot> device;

  /** Serves what {@code device} says at each request. */
  HealthPage(Supplier<DeviceSnapshot> device) throws IOException {
    this.device = device;
    this.server = bind();
    server.setExecutor(executor);
    server.createContext("/healthz", this::answer);
    server.start();
  }

  private static HttpServer bind() throws IOException {
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    try {
      return HttpServer.create(new InetSocketAddress(loopback, USUAL_PORT), BACKLOG);
    } catch (IOException taken) {
      return HttpServer.create(new InetSocketAddress(loopback, 0), BACKLOG);
    }
  }

  /** Where it is served. */
  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/healthz";
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      DeviceSnapshot snapshot = device.get();
      boolean healthy = snapshot.peers().stream().anyMatch(PeerSnapshot::sessionEstablished);
      byte[] body = json(snapshot, healthy).getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(healthy ? 200 : 503, body.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }

  private static String json(DeviceSnapshot snapshot, boolean healthy) {
    List<PeerSnapshot> peers = snapshot.peers();
    String handshakeSeconds =
        peers.stream()
            .flatMap(peer -> peer.lastHandshake().stream())
            .findFirst()
            .map(at -> String.valueOf(Math.max(0, Duration.between(at, Instant.now()).toSeconds())))
            .orElse("null");
    return """
    {"status":"%s","interface":"%s","listen_port":%d,"last_handshake_seconds":%s,"tx_bytes":%d,"rx_bytes":%d}
    """
        .formatted(
            healthy ? "UP" : "DOWN",
            snapshot.interfaceName(),
            snapshot.listenPort(),
            handshakeSeconds,
            peers.stream().mapToLong(PeerSnapshot::txBytes).sum(),
            peers.stream().mapToLong(PeerSnapshot::rxBytes).sum());
  }

  @Override
  public void close() {
    server.stop(0);
    executor.close();
  }
}
