package cloud.runbeam.wgagent.app.config.wgquick;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.config.ConfigLoader;
import cloud.runbeam.wgagent.app.config.ConfigResult;
import cloud.runbeam.wgagent.app.config.KeyFixtures;
import cloud.runbeam.wgagent.app.config.KeyReader;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.app.config.Problem;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WgQuickImportTest {
  private static final String OWN = KeyFixtures.base64("own");
  private static final String PSK = KeyFixtures.base64("psk");
  private static final String CORE = KeyFixtures.publicKey("core");
  private static final String LAPTOP = KeyFixtures.publicKey("laptop");

  private static final String FULL =
      """
      # my office
      [Interface]
      Address = 10.100.0.2/24, fd42:1::2/64
      address = 10.101.0.2
      ListenPort = 51820
      PrivateKey = %s   # secret
      DNS = 10.100.0.53, fd42::53 corp.example
      MTU = 1380
      Table = 1234
      FwMark = 0xca6c
      PreUp = echo before
      PostUp = iptables -I OUTPUT ! -o %%i -m mark ! --mark $(wg show %%i fwmark) -j REJECT
      SaveConfig = true

      [Peer]
      # Name = core
      PublicKey = %s
      PresharedKey = %s
      AllowedIPs = 10.42.0.0/16
      AllowedIPs = fd42:2::/48,10.43.0.1
      Endpoint = vpn.example.com:51820
      PersistentKeepalive = 25

      ### Client laptop
      [PEER]
      publickey=%s
      AllowedIPs = 10.100.0.3/32
      PersistentKeepalive = off
      """
          .formatted(OWN, CORE, PSK, LAPTOP);

  @TempDir private Path directory;

  private WgQuickImport.Result run(String text) throws IOException {
    return run(text.getBytes(StandardCharsets.UTF_8));
  }

  private WgQuickImport.Result run(byte[] text) throws IOException {
    Path file = directory.resolve("office.conf");
    Files.write(file, text);
    return run(new WgQuickImport.Request(file, Optional.empty(), Optional.empty(), keys()));
  }

  private static WgQuickImport.Result run(WgQuickImport.Request request) {
    try (KeyArena arena = KeyFixtures.arena()) {
      return WgQuickImport.run(request, arena);
    }
  }

  private Path keys() {
    return directory.resolve("keys");
  }

  private static WgQuickImport.Imported accepted(WgQuickImport.Result result) {
    assertThat(result.problems()).isEmpty();
    return (WgQuickImport.Imported) result;
  }

  private NetworkConfig load(String toml) throws IOException {
    Path file = Files.writeString(directory.resolve("imported.toml"), toml);
    ConfigResult result = new ConfigLoader(Map.of()).load(file);
    assertThat(result).as(toml).isInstanceOf(ConfigResult.Loaded.class);
    return ((ConfigResult.Loaded) result).config().networks().getFirst();
  }

  private static String line(int number) {
    return "office.conf:" + number + ":";
  }

  @Test
  void takesEverythingOverThatWgQuickKnows() throws Exception {
    NetworkConfig network = load(accepted(run(FULL)).toml());

    assertThat(network.name()).isEqualTo("office");
    assertThat(network.interfaceName()).isEqualTo("office");
    assertThat(network.addresses().stream().map(Object::toString))
        .containsExactly("10.100.0.2/24", "fd42:1::2/64", "10.101.0.2/32");
    assertThat(network.listenPort()).isEqualTo(51_820);
    assertThat(network.mtuBytes()).hasValue(1_380);
    assertThat(network.dns()).containsExactly("10.100.0.53", "fd42::53");
    assertThat(network.dnsSearch()).containsExactly("corp.example");
    assertThat(network.table()).hasValue(1_234);
    assertThat(network.fwmark()).isEqualTo(0xca6c);
    PeerConfig core = network.peers().getFirst();
    assertThat(core.name()).isEqualTo("core");
    assertThat(core.publicKey().toBase64()).isEqualTo(CORE);
    assertThat(core.allowedIps().stream().map(Object::toString))
        .containsExactly("10.42.0.0/16", "fd42:2::/48", "10.43.0.1/32");
    assertThat(core.endpoints().toString()).isEqualTo("[vpn.example.com:51820]");
    assertThat(core.persistentKeepaliveSeconds()).isEqualTo(25);
    PeerConfig laptop = network.peers().get(1);
    assertThat(laptop.name()).isEqualTo("laptop");
    assertThat(laptop.persistentKeepaliveSeconds()).isZero();
    assertThat(laptop.presharedKey()).isEmpty();
  }

  @Test
  void keysMoveToFilesThatOnlyTheirOwnerReads() throws Exception {
    WgQuickImport.Imported imported = accepted(run(FULL));

    Path own = keys().resolve("office.key");
    Path psk = keys().resolve("office-core.psk");
    assertThat(imported.keyFiles()).containsExactly(own, psk);
    assertThat(own).hasContent(OWN + "\n");
    assertThat(psk).hasContent(PSK + "\n");
    assertThat(permissions(own)).isEqualTo("rw-------");
    assertThat(permissions(psk)).isEqualTo("rw-------");
    assertThat(permissions(keys())).isEqualTo("rwx------");
    assertThat(imported.toml()).doesNotContain(OWN, PSK);
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void hooksAndSaveConfigAreToldWithTheirPlace() throws Exception {
    WgQuickImport.Imported imported = accepted(run(FULL));

    List<String> notices = imported.notices().stream().map(Object::toString).toList();
    assertThat(notices).anyMatch(it -> it.contains(line(11) + "1: [Interface] PreUp: "));
    assertThat(notices)
        .anyMatch(it -> it.contains(line(12)) && it.contains("kill_switch = true"))
        .anyMatch(it -> it.contains(line(13)) && it.contains("--persist"));
    assertThat(imported.toml()).contains("# line 11: [Interface] PreUp is not taken over");
  }

  @Test
  void theSameFileTwiceIsTakenTwice() throws Exception {
    String first = accepted(run(FULL)).toml();

    assertThat(accepted(run(FULL)).toml()).isEqualTo(first);
  }

  @Test
  void anotherKeyIsNotOverwrittenAndNothingStays() throws Exception {
    Files.createDirectories(keys());
    Path psk = keys().resolve("office-core.psk");
    KeyFixtures.write(psk, KeyFixtures.base64("another"), "rw-------");

    WgQuickImport.Result result = run(FULL);

    assertThat(result.problems()).singleElement().asString().contains(line(18), "exists");
    assertThat(psk).hasContent(KeyFixtures.base64("another"));
    assertThat(keys().resolve("office.key")).doesNotExist();
  }

  @Test
  void aLinkWhereAKeyShouldGoIsNotFollowed() throws Exception {
    Files.createDirectories(keys());
    Path victim = directory.resolve("victim");
    Files.createSymbolicLink(keys().resolve("office.key"), victim);

    assertThat(run(FULL).problems()).isNotEmpty();
    assertThat(victim).doesNotExist();
  }

  @Test
  void everyProblemIsToldAtOnceWithLineAndColumn() throws Exception {
    String secret = KeyFixtures.base64("pasted");
    WgQuickImport.Result result =
        run(
            """
            Address = 10.0.0.1/8
            [Interface]
              PrivatKey = %s
            MTU = huge
            Table = blue
            ListenPort = 70000
            Address = 10.0.0.300/24
            FwMark = mark
            SaveConfig = maybe
            Endpoint = a:1
            [Peers]
            [Peer]
            PublicKey = short
            Endpoint = nowhere
            AllowedIPs = 10.0.0.0/33, fe80::/129
            PersistentKeepalive = often
            %s
            [Peer]
            PublicKey = %s
            PublicKey = %s
            """
                .formatted(secret, secret, CORE, LAPTOP));

    assertThat(result).isInstanceOf(WgQuickImport.Refused.class);
    List<String> problems = result.problems().stream().map(Problem::toString).toList();
    assertThat(String.join("\n", problems)).doesNotContain(secret);
    for (int number : new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 20}) {
      assertThat(problems).as("line " + number).anyMatch(problem -> problem.contains(line(number)));
    }
    assertThat(problems)
        .anyMatch(it -> it.contains(line(3) + "3:") && it.contains("did you mean PrivateKey?"))
        .anyMatch(it -> it.contains(line(10)) && it.contains("it belongs under [Peer]"));
    assertThat(result.problems()).allMatch(problem -> !problem.advice().isEmpty());
    assertThat(keys()).doesNotExist();
  }

  @Test
  void aKeyInAWrongPlaceIsNeverShown() throws Exception {
    String secret = KeyFixtures.base64("misplaced");
    for (String key :
        List.of(
            "Address",
            "MTU",
            "ListenPort",
            "DNS",
            "Table",
            "FwMark",
            "SaveConfig",
            "PostUp",
            secret)) {
      WgQuickImport.Result result = run("[Interface]\n" + key + " = " + secret + "\n");
      assertThat(result.problems().toString() + result.notices())
          .as(key)
          .doesNotContain(secret)
          .doesNotContain(secret.substring(0, 20));
    }
    for (String key : List.of("PublicKey", "Endpoint", "AllowedIPs", "PersistentKeepalive")) {
      WgQuickImport.Result result = run("[Peer]\n" + key + " = " + secret + "\n");
      assertThat(result.problems().toString()).as(key).doesNotContain(secret);
    }
    assertThat(run("[Interface]\nPrivateKey = " + secret + "x\n").problems().toString())
        .doesNotContain(secret);
  }

  @Test
  void aFullTunnelIsTakenAsItIs() throws Exception {
    WgQuickImport.Imported imported =
        accepted(
            run(
                """
                [Interface]
                PrivateKey = %s
                Address = 10.8.0.2
                DNS = 10.8.0.1
                [Peer]
                PublicKey = %s
                Endpoint = 192.0.2.1:51820
                AllowedIPs = 0.0.0.0/0, ::/0
                """
                    .formatted(OWN, CORE)));

    assertThat(load(imported.toml()).peers().getFirst().allowedIps().stream().map(Object::toString))
        .containsExactly("0.0.0.0/0", "::/0");
  }

  @Test
  void conflictsAreToldInTheWordsOfTheFile() throws Exception {
    WgQuickImport.Result result =
        run(
            """
            [Interface]
            PrivateKey = %s
            [Peer]
            PublicKey = %s
            AllowedIPs = 10.0.0.0/8
            [Peer]
            PublicKey = %s
            AllowedIPs = 10.0.0.0/8
            [Peer]
            PublicKey = %s
            """
                .formatted(OWN, CORE, LAPTOP, KeyFixtures.publicKey("own")));

    assertThat(result.problems().toString())
        .contains(line(8) + "1: [Peer] AllowedIPs: ", "belongs to [Peer] in line 3 already")
        .contains("own public key")
        .doesNotContain("network.office");
  }

  @ParameterizedTest
  @CsvSource({
    "wg set %i private-key /etc/k.key,/etc/k.key",
    "wg set %i private-key '/etc/a b',/etc/a b"
  })
  void aHookThatFetchesTheKeyBecomesItsPath(String hook, String path) throws Exception {
    WgQuickImport.Imported imported =
        accepted(run("[Interface]\nPostUp = " + hook + "\nAddress = 10.0.0.1/24\n"));

    assertThat(imported.toml()).contains("private_key_path = \"" + path + "\"");
    assertThat(imported.keyFiles()).isEmpty();
    assertThat(imported.notices()).isEmpty();
  }

  @Test
  void commandsInHooksAreTextAndNothingElse() throws Exception {
    Path trace = directory.resolve("trace");
    String text =
        "[Interface]\nPrivateKey = %s\nPreUp = touch %s\nPostUp = wg set %%i private-key <(touch %s)\n"
            .formatted(OWN, trace, trace);

    assertThat(accepted(run(text)).notices()).hasSize(2);
    assertThat(trace).doesNotExist();
  }

  @Test
  void lineEndsAndByteOrderMarksOfOtherSystemsAreTaken() throws Exception {
    String text = "\uFEFF" + FULL.replace("\n", "\r\n");

    load(accepted(run(text)).toml());
  }

  @Test
  void whatIsNoTextFileIsRefused() throws Exception {
    assertThat(run(new byte[] {'[', (byte) 0xC3, 0x28, ']', '\n', 0, 1, 2}).problems())
        .isNotEmpty();
    assertThat(run(new byte[2 << 20]).problems().getFirst().what()).contains("larger");
    Path missing = directory.resolve("missing.conf");
    assertThat(
            run(new WgQuickImport.Request(missing, Optional.empty(), Optional.empty(), keys()))
                .problems())
        .hasSize(1);
    assertThat(
            run(new WgQuickImport.Request(directory, Optional.empty(), Optional.empty(), keys()))
                .problems())
        .hasSize(1);
  }

  @Test
  void namesThatDoNotFitAskForAnother() throws Exception {
    Path file = Files.writeString(directory.resolve("an interface with a name.conf"), FULL);

    assertThat(
            run(new WgQuickImport.Request(file, Optional.empty(), Optional.empty(), keys()))
                .problems()
                .toString())
        .contains("--name");
    accepted(
        run(new WgQuickImport.Request(file, Optional.of("office"), Optional.of("wg0"), keys())));
  }

  /** Whatever is accepted must load, and nothing may throw or show a key. */
  @Test
  void mutatedFilesAreRefusedOrLoadButNeverBreak() throws Exception {
    long seed = 20261123;
    Random random = new Random(seed);
    String[] pool =
        Stream.concat(
                FULL.lines(),
                Stream.of(
                    "[", "]", "=", "#", "[Interface", "\u0000", "=x", "PostUp=\u001b[2J", "a\\b"))
            .toArray(String[]::new);
    int acceptedCount = 0;
    for (int round = 0; round < 300; round++) {
      StringBuilder text = new StringBuilder(FULL);
      for (int edits = random.nextInt(4); edits >= 0; edits--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(4)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.insert(at, (char) random.nextInt(0x250));
          case 2 -> text.insert(at, "\n" + pool[random.nextInt(pool.length)] + "\n");
          default -> text.setCharAt(at, (char) (32 + random.nextInt(95)));
        }
      }
      WgQuickImport.Result result = run(text.toString());
      String told = result.problems() + " " + result.notices();
      assertThat(told).as("seed %d round %d", seed, round).doesNotContain(OWN, PSK);
      if (result instanceof WgQuickImport.Imported imported) {
        acceptedCount++;
        assertThat(imported.toml()).doesNotContain(OWN, PSK);
        load(imported.toml());
      }
      try (Stream<Path> files = Files.exists(keys()) ? Files.list(keys()) : Stream.empty()) {
        for (Path key : files.toList()) {
          Files.delete(key);
        }
      }
    }
    assertThat(acceptedCount).as("seed %d", seed).isPositive();
  }

  @Test
  void exportAndImportAreEachOthersInverse() throws Exception {
    NetworkConfig network = load(accepted(run(FULL)).toml());

    String withoutKeys = ConfText.withoutKeys(network);
    assertThat(withoutKeys).doesNotContain(OWN, PSK).contains("wg set %i private-key");
    assertThat(bare(load(accepted(run(withoutKeys)).toml()))).isEqualTo(bare(network));

    ByteArrayOutputStream withKeys = new ByteArrayOutputStream();
    try (KeyArena arena = KeyFixtures.arena()) {
      ConfText.withKeys(network, new KeyReader(Map.of()), arena, withKeys);
    }
    assertThat(withKeys.toString(StandardCharsets.UTF_8))
        .contains("PrivateKey = " + OWN, "PresharedKey = " + PSK);
    assertThat(bare(load(accepted(run(withKeys.toByteArray())).toml()))).isEqualTo(bare(network));
  }

  /** All that a network says, without where it stands. */
  private static String bare(NetworkConfig network) {
    return network.toString().replaceAll("position=line \\d+, column \\d+", "");
  }
}
