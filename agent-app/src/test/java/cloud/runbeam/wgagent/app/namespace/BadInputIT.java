package cloud.runbeam.wgagent.app.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever is wrong: a message that says what, where and what to do, exit code 1, and nothing left
 * behind.
 */
@SuppressWarnings("NullAway.Init")
final class BadInputIT {
  private static final String ANY_KEY = "ZYV6Vt+TF9rgHNCTUAWrCPArVtavDlWQec/Or8N67kQ=";

  @TempDir private Path directory;

  private NetnsPair pair;
  private AgentFiles files;

  @BeforeEach
  void host() throws Exception {
    pair = new NetnsPair();
    files = new AgentFiles(directory);
  }

  @AfterEach
  void close() {
    pair.close();
  }

  /**
   * A wrong configuration.
   *
   * @param name what is wrong
   * @param networks the file behind its first four lines and an empty one; IFNAME and KEY are
   *     replaced
   * @param expected each is part of the message
   */
  record Wrong(String name, String networks, List<String> expected) {
    Wrong(String name, String networks, String... expected) {
      this(name, networks, List.of(expected));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Wrong> wrongFiles() {
    String interfaceLines =
        "[network.default]\ninterface = \"IFNAME\"\nprivate_key_path = \"KEY\"\n";
    String peer = "[[network.default.peers]]\npublic_key = \"" + ANY_KEY + "\"\n";
    return Stream.of(
        new Wrong(
            "unknown key",
            interfaceLines + "adress = \"10.1.0.1/24\"\n",
            "config.toml:9:",
            "adress",
            "address"),
        new Wrong(
            "bad base64",
            interfaceLines + "[[network.default.peers]]\npublic_key = \"not base64\"\n",
            "config.toml:10:",
            "public_key",
            "base64"),
        new Wrong(
            "overlapping address",
            interfaceLines
                + "address = \"10.1.0.1/24\"\n[network.other]\ninterface = \"IFNAME2\"\nprivate_key_path = \"KEY\"\naddress = \"10.1.0.1/16\"\n",
            "config.toml:13:",
            "10.1.0.1"),
        new Wrong(
            "port 70000",
            interfaceLines + "listen_port = 70000\n",
            "config.toml:9:",
            "listen_port",
            "70000",
            "65535"),
        new Wrong(
            "bad prefix",
            interfaceLines + peer + "allowed_ips = [\"10.0.0.0/33\"]\n",
            "config.toml:11:",
            "allowed_ips",
            "10.0.0.0/33"),
        new Wrong("not TOML", "[network.default\n", "config.toml:6:"),
        new Wrong(
            "missing key file",
            "[network.default]\ninterface = \"IFNAME\"\nprivate_key_path = \"/nonexistent/key\"\n",
            "config.toml:8:",
            "/nonexistent/key"));
  }

  private Shell.Result up() {
    return pair.attempt(
        pair.a(), "", InstalledAgent.launcher(), "up", "--config", files.config().toString());
  }

  private void writeConfig(String networks) throws Exception {
    files.writeConfig(
        networks.replace("IFNAME", pair.device("a")).replace("KEY", files.key().toString()));
  }

  private void expectRefusal(Shell.Result result, String... expected) {
    assertThat(result.exitCode()).as(result.toString()).isEqualTo(1);
    assertThat(result.out() + result.err()).contains(expected).doesNotContain("\tat ");
    expectNothingLeft();
  }

  private void expectNothingLeft() {
    assertThat(pair.hasLink(pair.a(), pair.device("a"))).isFalse();
    assertThat(files.socket()).doesNotExist();
    assertThat(Path.of("/var/run/wireguard", pair.device("a") + ".sock")).doesNotExist();
    assertThat(NetnsPair.pids(pair.a())).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("wrongFiles")
  void aWrongFileIsRefusedWithItsPlace(Wrong wrong) throws Exception {
    writeConfig(wrong.networks());

    expectRefusal(up(), wrong.expected().toArray(String[]::new));

    Shell.Result validated =
        Shell.execute("", InstalledAgent.launcher(), "validate", files.config().toString());
    assertThat(validated.exitCode()).isEqualTo(1);
    assertThat(validated.err()).contains(wrong.expected().toArray(String[]::new));
  }

  @Test
  void allProblemsAreReportedAtOnce() throws Exception {
    writeConfig(
        "[network.default]\ninterface = \"IFNAME\"\nprivate_key_path = \"KEY\"\nadress = 1\nlisten_port = 70000\n");

    expectRefusal(up(), "config.toml:9:", "config.toml:10:");
  }

  @Test
  void aMissingFileIsNamed() {
    expectRefusal(up(), files.config().toString(), "no such file");
  }

  private String goodNetwork() {
    return "[network.default]\ninterface = \"IFNAME\"\nprivate_key_path = \"KEY\"\naddress = \"10.1.0.1/24\"\n";
  }

  @Test
  void aKeyFileThatOthersCanReadIsRefused() throws Exception {
    writeConfig(goodNetwork());
    Files.setPosixFilePermissions(files.key(), PosixFilePermissions.fromString("rw-r-----"));

    expectRefusal(up(), files.key().toString(), "chmod");
  }

  @Test
  void aKeyFileThatCannotBeReadIsRefused() throws Exception {
    writeConfig(goodNetwork());

    Shell.Result result =
        asNobody(
            List.of(
                InstalledAgent.java(),
                "-jar",
                InstalledAgent.jar().toString(),
                "up",
                "--config",
                files.config().toString()));

    assertThat(result.exitCode()).as(result.toString()).isEqualTo(1);
  }

  private Shell.Result asNobody(List<String> command) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "--bounding-set=-all"));
    words.addAll(command);
    return pair.attempt(pair.a(), "", words.toArray(String[]::new));
  }

  @Test
  void withoutPrivilegeTheDeviceIsRefused() {
    Shell.Result result =
        asNobody(
            List.of(
                InstalledAgent.java(),
                "-jar",
                InstalledAgent.jar().toString(),
                "device",
                pair.device("a")));

    expectRefusal(result, pair.device("a"), "CAP_NET_ADMIN");
  }

  @Test
  void withoutPrivilegeUpIsRefused() throws Exception {
    writeConfig(goodNetwork());

    // Root's files, but none of root's rights.
    expectRefusal(
        pair.attempt(
            pair.a(),
            "",
            "setpriv",
            "--bounding-set=-all",
            "--inh-caps=-all",
            InstalledAgent.launcher(),
            "up",
            "--config",
            files.config().toString()),
        "cannot start",
        "run as root",
        "CAP_NET_ADMIN");
  }

  @Test
  void aMissingTunDeviceIsNamed() throws Exception {
    writeConfig(goodNetwork());
    for (String verb : List.of("up --config " + files.config(), "device " + pair.device("a"))) {
      expectRefusal(
          pair.attempt(
              pair.a(),
              "",
              "unshare",
              "-m",
              "sh",
              "-c",
              "mount -t tmpfs none /dev/net && exec " + InstalledAgent.launcher() + " " + verb),
          "/dev/net/tun");
    }
  }

  @Test
  void aTakenInterfaceNameIsNamedAndLeftAlone() throws Exception {
    writeConfig(goodNetwork());
    pair.in(pair.a(), "ip", "tuntap", "add", pair.device("a"), "mode", "tun");
    String before = pair.in(pair.a(), "ip", "-o", "addr", "show", "dev", pair.device("a"));

    for (Shell.Result result : List.of(up(), device(pair.device("a")))) {
      assertThat(result.exitCode()).as(result.toString()).isEqualTo(1);
      assertThat(result.out() + result.err()).contains(pair.device("a")).doesNotContain("\tat ");
      assertThat(pair.in(pair.a(), "ip", "-o", "addr", "show", "dev", pair.device("a")))
          .isEqualTo(before);
    }
  }

  private Shell.Result device(String name) {
    return pair.attempt(pair.a(), "", InstalledAgent.launcher(), "device", name);
  }

  @Test
  void aNameInUseInAnotherNamespaceIsRefused() {
    pair.in(pair.b(), InstalledAgent.launcher(), "device", pair.device("b"));

    Shell.Result result = device(pair.device("b"));

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err())
        .contains("/var/run/wireguard/" + pair.device("b") + ".sock", "another process answers");
    pair.in(pair.b(), "wg", "show", pair.device("b"));
  }

  @Test
  void impossibleInterfaceNamesAreRefused() {
    for (String name : List.of("sixteencharacter", "a/b", "..", "a b", "")) {
      Shell.Result result = device(name);
      assertThat(result.exitCode()).as(result.toString()).isEqualTo(1);
      assertThat(result.err()).contains("name").doesNotContain("\tat ");
    }
    expectNothingLeft();
  }
}
