package cloud.runbeam.wgagent.app.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Debian's {@code wg-quick} with {@code WG_QUICK_USERSPACE_IMPLEMENTATION} pointed at {@code
 * wg-agent-device}, from {@code up} to {@code down}. DNS goes to a {@code resolvconf} that writes
 * down what it is told: the real one would change the resolver of the machine that runs the test.
 */
@SuppressWarnings("NullAway.Init")
final class WgQuickIT {
  @TempDir private Path directory;
  private NetnsPair pair;
  private TunnelEnd far;
  private String name;
  private Path conf;
  private String presharedKey;
  private String privateKey;

  @BeforeEach
  void hosts() throws IOException {
    pair = new NetnsPair();
    // Whatever wg-quick looks up as the way out, for its MTU.
    pair.in(pair.a(), "ip", "route", "add", "default", "via", "10.99.0.2");
    pair.in(pair.a(), "ip", "-6", "route", "add", "default", "via", "fd99::2");
    // Link-local addresses are not there for good before the system knows that nobody has them.
    await()
        .atMost(NetnsPair.PATIENCE)
        .until(() -> !pair.in(pair.a(), "ip", "-6", "addr").contains("tentative"));
    far = TunnelEnd.start(pair, "b", TunnelEnd.Implementation.WIREGUARD_GO);
    name = pair.device("a");
    conf = directory.resolve(name + ".conf");
    presharedKey = Shell.run("wg", "genpsk").strip();
    privateKey = Shell.run("wg", "genkey").strip();
    String publicKey = Shell.execute(privateKey, "wg", "pubkey").expectSuccess().strip();
    far.wgSet(
        "peer",
        publicKey,
        "preshared-key",
        far.keyFile(presharedKey).toString(),
        "allowed-ips",
        "192.168.177.1/32,fd77::1/128");
    far.linkUp();
    Path resolvconf = directory.resolve("resolvconf");
    Files.writeString(
        resolvconf,
        """
        #!/bin/sh
        echo "$@" >>"%1$s/resolvconf.log"
        [ "$1" != -a ] || cat >>"%1$s/resolvconf.log"
        """
            .formatted(directory));
    Files.setPosixFilePermissions(resolvconf, PosixFilePermissions.fromString("rwx------"));
  }

  @AfterEach
  void close() {
    pair.close();
  }

  private void configure(String interfaceLines, String allowedIps) throws IOException {
    Files.writeString(
        conf,
        """
        [Interface]
        PrivateKey = %s
        Address = 192.168.177.1/24
        Address = fd77::1/64
        %s

        [Peer]
        PublicKey = %s
        PresharedKey = %s
        Endpoint = 10.99.0.2:%d
        AllowedIPs = %s
        PersistentKeepalive = 15
        """
            .formatted(
                privateKey,
                interfaceLines,
                far.publicKey(),
                presharedKey,
                TunnelEnd.PORT,
                allowedIps));
    Files.setPosixFilePermissions(conf, PosixFilePermissions.fromString("rw-------"));
  }

  private Shell.Result wgQuick(String action) {
    ProcessBuilder builder = NetnsPair.inside(pair.a(), "wg-quick", action, conf.toString());
    builder.environment().put("WG_QUICK_USERSPACE_IMPLEMENTATION", InstalledAgent.deviceLink());
    builder.environment().merge("PATH", directory.toString(), (path, ours) -> ours + ":" + path);
    return Shell.execute("", builder);
  }

  /** Everything that wg-quick changes, as text. */
  private Map<String, String> machine() {
    Map<String, String> seen = new LinkedHashMap<>();
    for (List<String> command :
        List.of(
            List.of("ip", "-j", "addr"),
            List.of("ip", "-j", "rule"),
            List.of("ip", "-6", "-j", "rule"),
            List.of("ip", "-j", "route", "show", "table", "all"),
            List.of("ip", "-6", "-j", "route", "show", "table", "all"),
            List.of("nft", "list", "ruleset"))) {
      // Lifetimes run, and IPv6 routes count their users.
      seen.put(
          String.join(" ", command),
          pair.in(pair.a(), command.toArray(String[]::new))
              .replaceAll("\"(valid|preferred)_life_time\":\\d+", ""));
    }
    return seen;
  }

  private boolean pings(String address) {
    return pair.attempt(pair.a(), "", "ping", "-n", "-c", "1", "-W", "1", address).exitCode() == 0;
  }

  private void expectAsBefore(Map<String, String> before) {
    await()
        .atMost(NetnsPair.PATIENCE)
        .untilAsserted(() -> {
          assertThat(NetnsPair.pids(pair.a())).isEmpty();
          assertThat(machine()).isEqualTo(before);
        });
    assertThat(Path.of("/var/run/wireguard", name + ".sock")).doesNotExist();
  }

  @Test
  void fullTunnelWithDnsMtuAndPresharedKeyComesUpCarriesAndGoesWithoutTrace() throws Exception {
    configure("DNS = 10.0.0.53, corp.example\nMTU = 1380", "0.0.0.0/0, ::/0");
    Map<String, String> before = machine();

    wgQuick("up").expectSuccess();

    await().atMost(NetnsPair.PATIENCE).until(() -> pings("192.168.177.2"));
    assertThat(pings("fd77::2")).isTrue();
    // An address that only the default route leads to goes into the tunnel as well.
    assertThat(pair.in(pair.a(), "ip", "route", "get", "203.0.113.1")).contains("dev " + name);
    assertThat(pair.in(pair.a(), "ip", "link", "show", name)).contains("mtu 1380");
    assertThat(pair.in(pair.a(), "wg", "show", name, "preshared-keys")).contains(presharedKey);
    assertThat(pair.in(pair.a(), "wg", "show", name, "fwmark")).isNotEqualTo("off\n");
    assertThat(Files.readString(directory.resolve("resolvconf.log")))
        .contains("nameserver 10.0.0.53", "search corp.example");

    wgQuick("down").expectSuccess();

    expectAsBefore(before);
    assertThat(Files.readString(directory.resolve("resolvconf.log"))).contains("-d ", name);
  }

  @Test
  void splitTunnelIsChangedLiveAndSaved() throws Exception {
    configure("SaveConfig = true\nListenPort = 51999", "192.168.177.0/24, fd77::/64");
    Map<String, String> before = machine();

    wgQuick("up").expectSuccess();
    await().atMost(NetnsPair.PATIENCE).until(() -> pings("192.168.177.2"));
    // The usual way to change a running tunnel without interrupting it.
    List<String> syncconf = new ArrayList<>(List.of("bash", "-c"));
    syncconf.add("wg syncconf " + name + " <(wg-quick strip " + conf + ")");
    pair.in(pair.a(), syncconf.toArray(String[]::new));
    pair.in(pair.a(), "wg", "set", name, "peer", far.publicKey(), "persistent-keepalive", "7");
    assertThat(pings("192.168.177.2")).isTrue();

    wgQuick("down").expectSuccess();

    expectAsBefore(before);
    assertThat(Files.readString(conf))
        .contains("ListenPort = 51999", "PersistentKeepalive = 7", privateKey, presharedKey);
    wgQuick("up").expectSuccess();
    await().atMost(NetnsPair.PATIENCE).until(() -> pings("192.168.177.2"));
    wgQuick("down").expectSuccess();
    expectAsBefore(before);
  }

  @Test
  void aHookThatFailsLeavesNothingBehind() throws Exception {
    configure("PostUp = false", "192.168.177.0/24");
    Map<String, String> before = machine();

    assertThat(wgQuick("up").exitCode()).isNotZero();

    expectAsBefore(before);
  }
}
