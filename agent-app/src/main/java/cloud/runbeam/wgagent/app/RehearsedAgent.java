package cloud.runbeam.wgagent.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Answers every request on a control socket with one status, so that training sees what a one-shot
 * command does. A platform thread serves one caller after the other.
 */
final class RehearsedAgent implements AutoCloseable {
  /** Requests of a command that made its connection for one have the id 1. */
  private static final String ANSWER =
      """
      {"jsonrpc":"2.0","id":1,"result":{"networks":[{"network":"training","state":"active","interface":"wg0",\
      "health":"healthy","listen_port":51820,"mtu":1420,"uptime_seconds":60,"peers":{"total":1,"detail":[{"name":"peer",\
      "endpoint":"192.0.2.1:51820","allowed_ips":["10.0.0.0/8"],"last_handshake_seconds":5,"latency_ms":1.5,\
      "tx_bytes":1048576,"rx_bytes":1024,"state":"active"}]}}]}}
      """;

  private final Path directory;
  private final ServerSocketChannel server;

  private RehearsedAgent(Path directory, ServerSocketChannel server) {
    this.directory = directory;
    this.server = server;
  }

  /** Listens in a directory of its own. */
  static RehearsedAgent start() throws IOException {
    Path directory = Files.createTempDirectory("wg-agent-training");
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    RehearsedAgent agent = new RehearsedAgent(directory, server);
    server.bind(UnixDomainSocketAddress.of(agent.socket()));
    Thread.ofPlatform().daemon().start(agent::serve);
    return agent;
  }

  /** Where it listens. */
  Path socket() {
    return directory.resolve("control.sock");
  }

  private void serve() {
    while (server.isOpen()) {
      try (SocketChannel caller = server.accept();
          BufferedReader lines =
              new BufferedReader(Channels.newReader(caller, StandardCharsets.UTF_8))) {
        while (lines.readLine() != null) {
          caller.write(StandardCharsets.UTF_8.encode(ANSWER));
        }
      } catch (IOException _) {
        // The caller has gone, or the training is over.
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    Files.deleteIfExists(socket());
    Files.deleteIfExists(directory);
  }
}
