package cloud.runbeam.wgagent.engine.uapi;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.EnginePorts;
import cloud.runbeam.wgagent.engine.WireGuardDevice;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import cloud.runbeam.wgagent.engine.testkit.LeakCheck;
import cloud.runbeam.wgagent.engine.testkit.ManualClock;
import cloud.runbeam.wgagent.engine.testkit.ScriptedTun;
import cloud.runbeam.wgagent.engine.testkit.Seed;
import cloud.runbeam.wgagent.engine.testkit.SeededEntropy;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import cloud.runbeam.wgagent.engine.testkit.ToyHost;
import cloud.runbeam.wgagent.engine.testkit.ToyNetwork;
import cloud.runbeam.wgagent.engine.testkit.UnguardedMemory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
class UapiSessionTest {
  private static final String OK = "errno=0\n\n";

  private final ManualClock clock = new ManualClock();
  private final ToyHost host = new ToyNetwork(clock, Seed.random("UapiSession")).host("192.0.2.1");
  private final List<String> problems = new ArrayList<>();
  private final ScriptedTun tun = new ScriptedTun("wg0");
  private WireGuardEngine engine;
  private WireGuardDevice device;

  @BeforeEach
  void openDevice() {
    engine =
        WireGuardEngine.start(
            new EnginePorts(host, clock, clock, new SeededEntropy(1), new UnguardedMemory()));
    device = engine.open(tun);
  }

  @AfterEach
  void closeEngine() {
    engine.close();
  }

  @Test
  void setsAndGetsEverything() throws IOException {
    // With the link down, nothing is sent that would be counted.
    tun.setUp(false);
    String reply =
        converse(
            "set=1\nprivate_key="
                + hex("own")
                + "\nlisten_port=12345\nfwmark=4294967295\n"
                + "replace_peers=true\n"
                + "public_key="
                + publicHex("a")
                + "\npreshared_key="
                + hex("psk")
                + "\n"
                + "endpoint=[2001:db8::1]:51820\npersistent_keepalive_interval=25\n"
                + "replace_allowed_ips=true\nallowed_ip=10.1.2.3/16\nallowed_ip=fd00::/8\n"
                + "protocol_version=1\n"
                + "public_key="
                + publicHex("b")
                + "\nendpoint=192.0.2.2:7\n\n"
                + "get=1\n\n");

    assertThat(reply)
        .isEqualTo(
            OK
                + "private_key="
                + hex("own")
                + "\nlisten_port=12345\nfwmark=4294967295\n"
                + "public_key="
                + publicHex("a")
                + "\npreshared_key="
                + hex("psk")
                + "\n"
                + "protocol_version=1\nendpoint=[2001:db8::1]:51820\n"
                + "last_handshake_time_sec=0\nlast_handshake_time_nsec=0\n"
                + "tx_bytes=0\nrx_bytes=0\npersistent_keepalive_interval=25\n"
                + "allowed_ip=10.1.0.0/16\nallowed_ip=fd00::/8\n"
                + "public_key="
                + publicHex("b")
                + "\n"
                + "protocol_version=1\nendpoint=192.0.2.2:7\n"
                + "last_handshake_time_sec=0\nlast_handshake_time_nsec=0\n"
                + "tx_bytes=0\nrx_bytes=0\npersistent_keepalive_interval=0\n"
                + OK);
    assertThat(problems).isEmpty();
  }

  @Test
  void answersSeveralRequestsOnOneConnection() throws IOException {
    assertThat(converse("set=1\n\nset=1\nfwmark=7\n\nset=1\nfwmark=0\n\n")).isEqualTo(OK.repeat(3));
    assertThat(converse("")).isEmpty();
    assertThat(converse("get=1\n")).isEqualTo("errno=-22\n\n");
  }

  @Test
  void updatesWhatIsNamedAndNothingElse() throws IOException {
    set(
        "public_key="
            + publicHex("a")
            + "\nendpoint=192.0.2.2:7\nallowed_ip=10.0.0.0/8\n"
            + "persistent_keepalive_interval=25");
    set("public_key=" + publicHex("a") + "\npersistent_keepalive_interval=0");

    PeerSnapshot peer = snapshot().peers().getFirst();
    assertThat(peer.persistentKeepaliveSeconds()).isZero();
    assertThat(peer.allowedIps()).containsExactly(IpPrefix.parse("10.0.0.0/8"));
    assertThat(peer.endpoint()).hasToString("Optional[192.0.2.2:7]");
  }

  @Test
  void removesPeersAndKeys() throws IOException {
    set(
        "private_key="
            + hex("own")
            + "\npublic_key="
            + publicHex("a")
            + "\npreshared_key="
            + hex("psk")
            + "\npublic_key="
            + publicHex("b"));
    set(
        "private_key="
            + "0".repeat(64)
            + "\npublic_key="
            + publicHex("a")
            + "\npreshared_key="
            + "0".repeat(64)
            + "\npublic_key="
            + publicHex("b")
            + "\nremove=true");

    assertThat(snapshot().publicKey()).isEmpty();
    assertThat(snapshot().peers()).hasSize(1);
    assertThat(snapshot().peers().getFirst().hasPresharedKey()).isFalse();
    set("replace_peers=true");
    assertThat(snapshot().peers()).isEmpty();
    assertThat(device.keys().keysInUse()).isZero();
  }

  @Test
  void doesNotCreateAPeerThatIsOnlyToBeUpdated() throws IOException {
    set("public_key=" + publicHex("a") + "\nupdate_only=true\nallowed_ip=10.0.0.0/8");
    set(
        "public_key="
            + publicHex("a")
            + "\nallowed_ip=-10.0.0.0/8\nallowed_ip=10.0.0.0/8\n"
            + "allowed_ip=-10.0.0.0/8\nupdate_only=true");
    assertThat(snapshot().peers()).isEmpty();
  }

  @Test
  void silentlyIgnoresAPeerWithTheDevicesOwnKey() throws IOException {
    set(
        "private_key="
            + hex("own")
            + "\npublic_key="
            + publicHex("own")
            + "\nallowed_ip=10.0.0.0/8\npublic_key="
            + publicHex("a"));
    assertThat(snapshot().peers())
        .extracting(PeerSnapshot::publicKey)
        .containsExactly(publicKey("a"));
  }

  @Test
  void appliesAllowedIpsInTheOrderOfTheirLines() throws IOException {
    String a = "public_key=" + publicHex("a") + "\n";
    String b = "public_key=" + publicHex("b") + "\n";
    set(a + "allowed_ip=10.0.0.0/8\nallowed_ip=10.1.0.0/16\n" + b + "allowed_ip=10.2.0.0/16");
    set(
        a
            + "allowed_ip=-10.0.0.0/8\nallowed_ip=10.3.0.0/16\nallowed_ip=-10.3.0.0/16\n"
            + "allowed_ip=-10.2.0.0/16\nallowed_ip=10.4.0.0/16");
    expectAllowedIps(List.of("10.1.0.0/16", "10.4.0.0/16"), List.of("10.2.0.0/16"));

    set(a + "allowed_ip=10.5.0.0/16\nreplace_allowed_ips=true\nallowed_ip=10.6.0.0/16");
    expectAllowedIps(List.of("10.6.0.0/16"), List.of("10.2.0.0/16"));
    set(b + "allowed_ip=10.6.0.0/16");
    expectAllowedIps(List.of(), List.of("10.2.0.0/16", "10.6.0.0/16"));
  }

  @ParameterizedTest
  @CsvSource({
    "garbage, -71",
    "'', 0",
    "unknown_key=1, -22",
    "public_key=, -22",
    "private_key=12, -22",
    "listen_port=65536, -22",
    "listen_port=-1, -22",
    "listen_port=, -22",
    "listen_port=0x10, -22",
    "fwmark=4294967296, -22",
    "fwmark=99999999999999999999, -22",
    "replace_peers=false, -22",
    "endpoint=192.0.2.1:1, -22",
    "remove=true, -22"
  })
  void refusesBadDeviceLines(String line, int errno) throws IOException {
    String reply = converse("set=1\nfwmark=77\n" + line + "\n" + (line.isEmpty() ? "" : "\n"));

    assertThat(reply).isEqualTo("errno=" + errno + "\n\n");
    assertThat(snapshot().fwmark()).isEqualTo(errno == 0 ? 77 : 0);
    assertThat(problems).hasSize(errno == 0 ? 0 : 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "private_key=0000",
        "listen_port=1",
        "remove=false",
        "update_only=1",
        "preshared_key=zz",
        "endpoint=",
        "endpoint=192.0.2.1",
        "endpoint=192.0.2.1:",
        "endpoint=192.0.2.1:0",
        "endpoint=192.0.2.1:65536",
        "endpoint=192.0.2.1:1x",
        "endpoint=2001:db8::1:1",
        "endpoint=[192.0.2.1]:1",
        "endpoint=[2001:db8::1]1",
        "endpoint=[2001:db8::1:1",
        "endpoint=]:1",
        "endpoint=[]:1",
        "endpoint=[fe80::1%no-such-if]:1",
        "endpoint=vpn.example:1",
        "persistent_keepalive_interval=65536",
        "persistent_keepalive_interval=off",
        "replace_allowed_ips=",
        "allowed_ip=10.0.0.1",
        "allowed_ip=--10.0.0.0/8",
        "allowed_ip=-",
        "allowed_ip=10.0.0.0/33",
        "protocol_version=2",
        "replace_peers=true"
      })
  void aBadPeerLineChangesNothingAtAll(String line) throws IOException {
    set("fwmark=1\npublic_key=" + publicHex("old") + "\nallowed_ip=10.0.0.0/8");
    String before = converse("get=1\n\n");
    int keysBefore = device.keys().keysInUse();

    String reply =
        converse(
            "set=1\nprivate_key="
                + hex("own")
                + "\nfwmark=2\nreplace_peers=true\n"
                + "public_key="
                + publicHex("a")
                + "\npreshared_key="
                + hex("psk")
                + "\n"
                + "public_key="
                + publicHex("b")
                + "\npreshared_key="
                + hex("psk")
                + "\n"
                + line
                + "\nallowed_ip=10.0.0.0/8\n\nset=1\n\n");

    assertThat(reply).isEqualTo("errno=-22\n\n" + OK);
    assertThat(converse("get=1\n\n")).isEqualTo(before);
    assertThat(device.keys().keysInUse()).isEqualTo(keysBefore);
    assertThat(problems).singleElement().asString().startsWith("wg0: line 9 (");
  }

  @Test
  void quotesNoSecretInItsProblems() throws IOException {
    converse("set=1\nprivate_key=" + hex("own") + "00\n\nset=1\n" + hex("own") + "=\n\n");
    assertThat(problems).hasSize(2);
    assertThat(String.join("\n", problems)).doesNotContain(hex("own").substring(0, 8));
  }

  @Test
  void refusesATakenPortAndChangesNothing() throws IOException {
    try (var other = host.open(999, 0)) {
      assertThat(converse("set=1\nprivate_key=" + hex("own") + "\nlisten_port=999\n\n"))
          .isEqualTo("errno=-98\n\n");
      assertThat(other.localPort()).isEqualTo(999);
    }
    assertThat(snapshot().publicKey()).isEmpty();
    assertThat(device.keys().keysInUse()).isZero();
    assertThat(problems).singleElement().asString().contains("999");
  }

  @Test
  void ignoresASetRequestWithoutAnEnd() throws IOException {
    assertThat(converse("set=1\nprivate_key=" + hex("own") + "\nfwmark=7\n")).isEmpty();
    assertThat(converse("set=1\nfwmark=7\nlisten")).isEmpty();
    assertThat(snapshot().fwmark()).isZero();
    assertThat(device.keys().keysInUse()).isZero();
    assertThat(problems).hasSize(2);
  }

  @Test
  void hangsUpOnWhatCannotBeARequest() throws IOException {
    assertThat(converse("GET / HTTP/1.1\nHost: x\n\nget=2\n\nset=1\n\n"))
        .isEqualTo("errno=-71\n\nerrno=-71\n\n" + OK);
    assertThat(converse("x".repeat(1_000_000) + "\n\nset=1\n\n")).isEqualTo("errno=-71\n\n");
    assertThat(converse("set=1\nendpoint=" + "x".repeat(5_000) + "\n\n"))
        .isEqualTo("errno=-71\n\n");
  }

  @Test
  void saysThatTheDeviceHasEnded() throws IOException {
    device.close();
    assertThat(converse("get=1\n\n")).isEqualTo("errno=-6\n\n");
    assertThat(converse("set=1\nfwmark=1\n\n")).isEqualTo("errno=-6\n\n");
    engine.close();
    assertThat(converse("set=1\nprivate_key=" + hex("own") + "\n\n")).isEqualTo("errno=-6\n\n");
  }

  @Test
  void takesAHundredAndThirtyThousandAllowedIpsInOneCall() throws IOException {
    int count = 130_000;
    StringBuilder request = new StringBuilder("set=1\npublic_key=" + publicHex("a") + "\n");
    SplittableRandom random = Seed.random("UAPI 130,000");
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      IpPrefix prefix =
          (i & 1) == 0
              ? IpPrefix.ipv4((i << 4) | 0x0A00_0000, 28 + random.nextInt(5)).network()
              : IpPrefix.ipv6((0xFD00L << 48) | i, 0, 64).network();
      expected.add(prefix.toString());
      request.append("allowed_ip=").append(prefix).append('\n');
    }
    long begin = System.nanoTime();
    assertThat(converse(request.append('\n').toString())).isEqualTo(OK);
    String all = converse("get=1\n\n");
    System.out.printf(
        "130,000 allowed IPs set and read in %d ms%n", (System.nanoTime() - begin) / 1_000_000);

    assertThat(
            all.lines()
                .filter(line -> line.startsWith("allowed_ip="))
                .map(line -> line.substring(11))
                .toList())
        .isEqualTo(expected);
  }

  private void expectAllowedIps(List<String> ofA, List<String> ofB) throws IOException {
    List<PeerSnapshot> peers = snapshot().peers();
    assertThat(peers.get(0).allowedIps()).map(IpPrefix::toString).isEqualTo(ofA);
    assertThat(peers.get(1).allowedIps()).map(IpPrefix::toString).isEqualTo(ofB);
  }

  private DeviceSnapshot snapshot() {
    return device.snapshot();
  }

  private void set(String lines) throws IOException {
    assertThat(converse("set=1\n" + lines + "\n\n")).isEqualTo(OK);
  }

  private String converse(String requests) throws IOException {
    ByteArrayOutputStream replies = new ByteArrayOutputStream();
    new UapiSession(device, problems::add)
        .serve(new ByteArrayInputStream(requests.getBytes(StandardCharsets.UTF_8)), replies);
    return replies.toString(StandardCharsets.UTF_8);
  }

  private String hex(String label) {
    try (KeyArena keys = new KeyArena(new UnguardedMemory(), 1);
        SecretKey key = TestKeys.privateKey(keys, label)) {
      byte[] text = new byte[64];
      key.writeHex(text, 0);
      return new String(text, StandardCharsets.US_ASCII);
    }
  }

  private PublicKey publicKey(String label) {
    try (KeyArena keys = new KeyArena(new UnguardedMemory(), 1);
        SecretKey key = TestKeys.privateKey(keys, label)) {
      return key.publicKey();
    }
  }

  private String publicHex(String label) {
    return publicKey(label).toHex();
  }
}
