package cloud.runbeam.wgagent.app.namespace;

import static cloud.runbeam.wgagent.app.namespace.TunnelEnd.Implementation.AGENT;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The {@code wg} tool works against a device of ours as against any other. */
@SuppressWarnings("NullAway.Init")
final class WgToolIT {
  private static final int MANY = 130_000;

  private NetnsPair pair;
  private TunnelEnd device;
  private String peer;
  private String psk;

  @BeforeEach
  void device() {
    pair = new NetnsPair();
    device = TunnelEnd.start(pair, "a", AGENT);
    peer = publicKey();
    psk = Shell.run("wg", "genpsk").strip();
    device.wgSet(
        "fwmark",
        "0x2a",
        "peer",
        peer,
        "preshared-key",
        device.keyFile(psk).toString(),
        "endpoint",
        "[fd99::2]:1234",
        "persistent-keepalive",
        "17",
        "allowed-ips",
        "10.0.0.0/8,fd00::/8,0.0.0.0/0");
  }

  @AfterEach
  void close() {
    pair.close();
  }

  private static String publicKey() {
    return Shell.execute(Shell.run("wg", "genkey"), "wg", "pubkey").expectSuccess().strip();
  }

  private String showConf() {
    return device.run("wg", "showconf", device.name());
  }

  @Test
  void showTellsWhatWasSet() {
    assertThat(device.show("public-key")).isEqualTo(device.publicKey());
    assertThat(device.show("listen-port")).isEqualTo("51820");
    assertThat(device.show("fwmark")).isEqualTo("0x2a");
    assertThat(device.show("preshared-keys")).isEqualTo(psk);
    assertThat(device.show("endpoints")).isEqualTo("[fd99::2]:1234");
    assertThat(device.show("persistent-keepalive")).isEqualTo("17");
    assertThat(device.show("latest-handshakes")).isEqualTo("0");
    assertThat(device.show("allowed-ips").split("\\s+"))
        .containsExactlyInAnyOrder("10.0.0.0/8", "fd00::/8", "0.0.0.0/0");
    assertThat(device.run("wg", "show")).contains(device.name());
  }

  @Test
  void showconfIsWhatSetconfReads() {
    String conf = showConf();
    assertThat(conf)
        .contains(
            "PrivateKey = " + device.privateKey(), "PresharedKey = " + psk, "PublicKey = " + peer)
        .contains(
            "ListenPort = 51820",
            "FwMark = 0x2a",
            "Endpoint = [fd99::2]:1234",
            "PersistentKeepalive = 17");

    device.run("wg", "setconf", device.name(), device.keyFile(conf).toString());

    assertThat(showConf()).isEqualTo(conf);
  }

  @Test
  void setconfReplacesAndSyncconfUpdates() {
    String second = publicKey();
    String conf =
        "[Interface]\nListenPort = 51820\nPrivateKey = "
            + device.privateKey()
            + "\n[Peer]\nPublicKey = "
            + second
            + "\nAllowedIPs = 10.2.0.0/16\n";

    device.run("wg", "setconf", device.name(), device.keyFile(conf).toString());
    assertThat(device.run("wg", "show", device.name(), "peers").strip()).isEqualTo(second);

    device.run(
        "wg",
        "syncconf",
        device.name(),
        device.keyFile(conf.replace("10.2.0.0", "10.3.0.0")).toString());
    assertThat(device.show("allowed-ips")).isEqualTo("10.3.0.0/16");

    device.run(
        "wg",
        "addconf",
        device.name(),
        device.keyFile("[Peer]\nPublicKey = " + peer + "\nAllowedIPs = 10.4.0.0/16\n").toString());
    assertThat(device.run("wg", "show", device.name(), "peers").lines())
        .containsExactlyInAnyOrder(second, peer);
  }

  @Test
  void anAllowedIpMovesToThePeerThatClaimsItLast() {
    String second = publicKey();
    device.wgSet("peer", second, "allowed-ips", "10.0.0.0/8");

    assertThat(device.run("wg", "show", device.name(), "allowed-ips"))
        .containsPattern(second.replace("+", "\\+") + "\\s+10.0.0.0/8")
        .doesNotContainPattern(peer.replace("+", "\\+") + ".*10.0.0.0/8");
  }

  @Test
  void takesAndShows130000AllowedIpsInOneCall() {
    String prefixes =
        IntStream.range(0, MANY)
            .mapToObj(
                i -> "172." + (16 + i / 65_536) + "." + (i / 256 % 256) + "." + i % 256 + "/32")
            .collect(Collectors.joining(", "));
    String conf =
        "[Interface]\nPrivateKey = "
            + device.privateKey()
            + "\n[Peer]\nPublicKey = "
            + peer
            + "\nAllowedIPs = "
            + prefixes
            + "\n";

    device.run("wg", "setconf", device.name(), device.keyFile(conf).toString());

    assertThat(device.show("allowed-ips").split("\\s+")).hasSize(MANY);
    device.wgSet("peer", peer, "remove");
    assertThat(device.run("wg", "show", device.name(), "peers").strip()).isEmpty();
  }

  @Test
  void takesTheOtherKeysInOneCallWithManyPeers() {
    String conf =
        "[Interface]\nPrivateKey = "
            + device.privateKey()
            + "\n"
            + IntStream.range(0, 300)
                .mapToObj(i ->
                    "[Peer]\nPublicKey = "
                        + syntheticKey(i)
                        + "\nAllowedIPs = 10."
                        + i / 256
                        + "."
                        + i % 256
                        + ".0/24\n")
                .collect(Collectors.joining());

    device.run("wg", "setconf", device.name(), device.keyFile(conf).toString());

    assertThat(device.run("wg", "show", device.name(), "peers").lines()).hasSize(300);
  }

  /** Any 32 bytes are a public key as far as configuration goes. */
  private static String syntheticKey(int number) {
    byte[] key = new byte[32];
    key[0] = (byte) number;
    key[1] = (byte) (number >>> 8);
    key[31] = 1;
    return java.util.Base64.getEncoder().encodeToString(key);
  }
}
