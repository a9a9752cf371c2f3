package cloud.runbeam.wgagent.app.config.wgquick;

import cloud.runbeam.wgagent.app.config.EndpointName;
import cloud.runbeam.wgagent.app.config.KeyReader;
import cloud.runbeam.wgagent.app.config.KeySource;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.app.config.UnusableKeyException;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A network of ours as a file for wg-quick.
 *
 * <p>Without keys, wg-quick is told to fetch them from their files, in the way that wg-quick(8)
 * shows: {@code PostUp = wg set %i private-key FILE}. What wg-quick has no word for stands in
 * comments. One thread.
 */
public final class ConfText {
  private static final Pattern PLAIN_PATH = Pattern.compile("/[A-Za-z0-9_.+=:/-]+");

  /** What neither the shell's single quotes nor wg-quick's comments leave alone. */
  private static final Pattern UNQUOTABLE = Pattern.compile(".*['#\\p{Cntrl}].*", Pattern.DOTALL);

  private final NetworkConfig network;
  private final boolean includeKeys;

  /** Text and keys in turn, so that no key becomes part of a text. */
  private final List<Object> pieces = new ArrayList<>();

  private ConfText(NetworkConfig network, boolean includeKeys) {
    this.network = network;
    this.includeKeys = includeKeys;
  }

  /** The file without keys. */
  public static String withoutKeys(NetworkConfig network) {
    ConfText text = new ConfText(network, false);
    text.build();
    return text.pieces.stream().map(String.class::cast).collect(Collectors.joining());
  }

  /**
   * Writes the file with its keys in it.
   *
   * @throws UnusableKeyException if a key cannot be read; nothing was written then
   * @throws IOException if {@code out} takes no more
   */
  public static void withKeys(
      NetworkConfig network, KeyReader reader, KeyArena arena, OutputStream out)
      throws UnusableKeyException, IOException {
    ConfText text = new ConfText(network, true);
    text.build();
    for (Object piece : text.pieces) {
      if (piece instanceof KeySource source) {
        reader.read(source, arena).close();
      }
    }
    for (Object piece : text.pieces) {
      if (piece instanceof KeySource source) {
        byte[] base64 = new byte[44];
        try (SecretKey key = reader.read(source, arena)) {
          key.writeBase64(base64, 0);
          out.write(base64);
        } finally {
          Arrays.fill(base64, (byte) 0);
        }
      } else {
        out.write(String.valueOf(piece).getBytes(StandardCharsets.UTF_8));
      }
    }
    out.flush();
  }

  private void build() {
    line(
        "# "
            + network.name()
            + ", exported by wg-agent; the interface is the file's name: "
            + network.interfaceName()
            + ".conf");
    line("[Interface]");
    if (includeKeys) {
      key("PrivateKey", network.privateKey());
    } else {
      fetched(network.privateKey(), "private-key");
    }
    list("Address", network.addresses().stream().map(IpPrefix::toString).toList());
    if (network.listenPort() != 0) {
      line("ListenPort = " + network.listenPort());
    }
    network.mtuBytes().ifPresent(bytes -> line("MTU = " + bytes));
    List<String> dns = new ArrayList<>(network.dns());
    dns.addAll(network.dnsSearch());
    list("DNS", dns);
    if (!network.routes()) {
      line("Table = off");
    } else {
      network.table().ifPresent(number -> line("Table = " + number));
    }
    if (network.fwmark() != 0) {
      line("FwMark = 0x" + Integer.toHexString(network.fwmark()));
    }
    if (network.killSwitch()) {
      line("# kill_switch = true: wg-quick has no word for it, see wg-quick(8) on firewall rules");
    }
    if (!includeKeys) {
      for (PeerConfig peer : network.peers()) {
        peer.presharedKey()
            .ifPresent(source ->
                fetched(source, "peer " + peer.publicKey().toBase64() + " preshared-key"));
      }
    }
    network.peers().forEach(this::peer);
  }

  private void peer(PeerConfig peer) {
    String publicKey = peer.publicKey().toBase64();
    line("");
    line("[Peer]");
    if (!peer.name().equals(publicKey)) {
      line("# Name = " + peer.name());
    }
    line("PublicKey = " + publicKey);
    if (includeKeys) {
      peer.presharedKey().ifPresent(source -> key("PresharedKey", source));
    }
    list("AllowedIPs", peer.allowedIps().stream().map(IpPrefix::toString).toList());
    List<EndpointName> endpoints = peer.endpoints();
    for (int i = 0; i < endpoints.size(); i++) {
      line(
          (i == 0 ? "Endpoint = " : "# a further endpoint, which wg-quick cannot try: ")
              + endpoints.get(i));
    }
    if (peer.persistentKeepaliveSeconds() != 0) {
      line("PersistentKeepalive = " + peer.persistentKeepaliveSeconds());
    }
  }

  private void key(String name, KeySource source) {
    pieces.add(name + " = ");
    pieces.add(source);
    pieces.add("\n");
  }

  private void fetched(KeySource source, String what) {
    if (source instanceof KeySource.File(Path path, _, _, _)
        && !UNQUOTABLE.matcher(path.toString()).matches()) {
      String plain = path.toString();
      String quoted = PLAIN_PATH.matcher(plain).matches() ? plain : "'" + plain + "'";
      line("PostUp = wg set %i " + what + " " + quoted);
    } else {
      line("# to be added: " + what + " from " + printable(source.describe()));
    }
  }

  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "\uFFFD");
  }

  private void list(String name, List<String> values) {
    if (!values.isEmpty()) {
      line(name + " = " + String.join(", ", values));
    }
  }

  private void line(String line) {
    pieces.add(line + "\n");
  }
}
