package cloud.runbeam.wgagent.app.namespace;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * One WireGuard device in one namespace, configured with {@code wg}. Inner addresses are
 * 192.168.177.HOST/24 and fd77::HOST/64.
 *
 * @param pair the two hosts
 * @param namespace where the device is
 * @param name the interface
 * @param host 1 or 2
 * @param privateKey made by {@code wg genkey} for this run
 * @param publicKey that belongs to it
 * @param process the implementation; for one that runs in the background, the launcher that started
 *     it
 */
record TunnelEnd(
    NetnsPair pair,
    String namespace,
    String name,
    int host,
    String privateKey,
    String publicKey,
    NetnsPair.Started process) {

  /** Who speaks WireGuard. */
  enum Implementation {
    AGENT,
    WIREGUARD_GO
  }

  static final int PORT = 51_820;

  /** Starts a device in the foreground and waits for its socket; the link is still down. */
  static TunnelEnd start(NetnsPair pair, String end, Implementation implementation) {
    return switch (implementation) {
      case AGENT -> start(pair, end, InstalledAgent.launcher(), "device", "-f");
      case WIREGUARD_GO -> start(pair, end, "wireguard-go", "-f");
    };
  }

  /** Starts a device by {@code command} with its name behind it, and waits for its socket. */
  static TunnelEnd start(NetnsPair pair, String end, String... command) {
    String namespace = end.equals("a") ? pair.a() : pair.b();
    String name = pair.device(end);
    List<String> words = new ArrayList<>(List.of(command));
    words.add(name);
    NetnsPair.Started process = pair.start(namespace, words.toArray(String[]::new));
    awaitAnswer(pair, namespace, name, process);
    String privateKey = Shell.run("wg", "genkey").strip();
    String publicKey = Shell.execute(privateKey, "wg", "pubkey").expectSuccess().strip();
    TunnelEnd tunnel =
        new TunnelEnd(
            pair, namespace, name, end.equals("a") ? 1 : 2, privateKey, publicKey, process);
    tunnel.wgSet(
        "listen-port", String.valueOf(PORT), "private-key", tunnel.keyFile(privateKey).toString());
    return tunnel;
  }

  /** Waits until a device answers {@code wg show}. */
  static void awaitAnswer(
      NetnsPair pair, String namespace, String name, NetnsPair.Started process) {
    await("UAPI of " + name)
        .atMost(NetnsPair.PATIENCE)
        .until(() -> {
          if (!process.process().isAlive() && process.process().exitValue() != 0) {
            throw new AssertionError(name + " ended early: " + process.output());
          }
          return pair.attempt(namespace, "", "wg", "show", name).exitCode() == 0;
        });
  }

  /** The inner IPv4 address. */
  String ipv4() {
    return "192.168.177." + host;
  }

  /** The inner IPv6 address. */
  String ipv6() {
    return "fd77::" + host;
  }

  /** Runs a program beside the device. */
  String run(String... command) {
    return pair.in(namespace, command);
  }

  /** Runs {@code wg set NAME ...}. */
  void wgSet(String... arguments) {
    List<String> command = new ArrayList<>(List.of("wg", "set", name));
    command.addAll(List.of(arguments));
    run(command.toArray(String[]::new));
  }

  /** Introduces {@code other} with both inner addresses allowed; {@code endpoint} may be empty. */
  void addPeer(TunnelEnd other, String endpoint) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "peer",
                other.publicKey,
                "allowed-ips",
                other.ipv4() + "/32," + other.ipv6() + "/128"));
    if (!endpoint.isEmpty()) {
      command.addAll(List.of("endpoint", endpoint));
    }
    wgSet(command.toArray(String[]::new));
  }

  /** Gives the link its addresses and sets it up. */
  void linkUp() {
    run("ip", "addr", "add", ipv4() + "/24", "dev", name);
    run("ip", "addr", "add", ipv6() + "/64", "dev", name, "nodad");
    run("ip", "link", "set", name, "up");
  }

  /** Whether one echo request to {@code address} is answered within a second. */
  boolean pings(String address) {
    return pair.attempt(namespace, "", "ping", "-n", "-c", "1", "-W", "1", address).exitCode() == 0;
  }

  /** Waits until an echo request to {@code address} is answered. */
  void awaitPing(String address) {
    await("ping from " + name + " to " + address)
        .atMost(NetnsPair.PATIENCE)
        .until(() -> pings(address));
  }

  /** A column of {@code wg show NAME WHAT} for the one peer there is. */
  String show(String what) {
    String[] fields = run("wg", "show", name, what).strip().split("\\s+", 2);
    return fields[fields.length - 1];
  }

  /** Packets that the host received out of the tunnel. */
  long receivedPackets() {
    return Long.parseLong(run("cat", "/sys/class/net/" + name + "/statistics/rx_packets").strip());
  }

  /** A file that holds a key and that only root may read; deleted with the JVM. */
  Path keyFile(String key) {
    try {
      Path file =
          Files.createTempFile(
              "wg-agent-key",
              "",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      file.toFile().deleteOnExit();
      return Files.writeString(file, key);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
