package cloud.runbeam.wgagent.engine.uapi;

import cloud.runbeam.wgagent.engine.DeviceChange;
import cloud.runbeam.wgagent.engine.PeerChange;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The lines of one set request, gathered into one {@link DeviceChange}: nothing is applied before
 * the last line was understood.
 *
 * <pre>
 *   device keys   private_key  listen_port  fwmark  replace_peers
 *   public_key    begins a peer
 *   peer keys     remove  update_only  preshared_key  endpoint  persistent_keepalive_interval
 *                 replace_allowed_ips  allowed_ip  protocol_version
 * </pre>
 *
 * <p>Secrets go from the line straight into the {@link KeyArena}. Until {@link #finish} they belong
 * to this object; {@link #close} wipes them.
 */
final class SetRequest implements AutoCloseable {
  private final KeyArena keys;
  private final List<PeerChange> peers = new ArrayList<>();
  private @Nullable SecretKey privateKey;
  private @Nullable Integer listenPort;
  private @Nullable Integer fwmark;
  private boolean replacePeers;
  private @Nullable PeerBlock peer;

  SetRequest(KeyArena keys) {
    this.keys = keys;
  }

  /** Takes in a line of the form key=value. */
  void accept(LineReader line) throws UapiException {
    if (!line.hasKeyAndValue()) {
      throw new UapiException(Errno.EPROTO, "line " + line.number() + " is not key=value");
    }
    String key = line.key();
    try {
      if (key.equals("public_key")) {
        finishPeer();
        peer = new PeerBlock(PublicKey.fromHex(line.value()));
      } else if (peer == null) {
        acceptForDevice(key, line);
      } else {
        acceptForPeer(peer, key, line);
      }
    } catch (IllegalArgumentException e) {
      // What is not known here is not quoted as a key either: it may be a secret on the wrong side
      // of the '='.
      throw new UapiException(
          Errno.EINVAL,
          "line " + line.number() + " (" + printable(key) + "): " + e.getMessage(),
          e);
    }
  }

  private void acceptForDevice(String key, LineReader line) throws UapiException {
    switch (key) {
      case "private_key" -> {
        SecretKey former = privateKey;
        privateKey = secret(line);
        if (former != null) {
          former.close();
        }
        if (!privateKey.isZero()) {
          privateKey.clamp();
        }
      }
      case "listen_port" -> listenPort = (int) number(line.value(), 65_535);
      case "fwmark" -> fwmark = (int) number(line.value(), 0xFFFF_FFFFL);
      case "replace_peers" -> {
        requireTrue(line.value());
        replacePeers = true;
      }
      default -> throw new IllegalArgumentException("not a key of a device");
    }
  }

  private void acceptForPeer(PeerBlock block, String key, LineReader line) throws UapiException {
    switch (key) {
      case "remove" -> {
        requireTrue(line.value());
        block.remove();
      }
      case "update_only" -> {
        requireTrue(line.value());
        block.updateOnly();
      }
      case "preshared_key" -> block.presharedKey(secret(line));
      case "endpoint" -> block.endpoint(EndpointText.parse(line.value()));
      case "persistent_keepalive_interval" ->
          block.persistentKeepalive((int) number(line.value(), 65_535));
      case "replace_allowed_ips" -> {
        requireTrue(line.value());
        block.replaceAllowedIps();
      }
      case "allowed_ip" -> acceptAllowedIp(block, line.value());
      case "protocol_version" -> {
        if (!line.value().equals("1")) {
          throw new IllegalArgumentException("the only version is 1");
        }
      }
      default -> throw new IllegalArgumentException("not a key of a peer");
    }
  }

  /** A minus in front takes the prefix away, as newer kernels and tools know it. */
  private static void acceptAllowedIp(PeerBlock block, String value) {
    boolean remove = value.startsWith("-");
    String prefix = remove ? value.substring(1) : value;
    if (prefix.indexOf('/') < 0) {
      throw new IllegalArgumentException("an allowed IP is written address/length");
    }
    IpPrefix parsed = IpPrefix.parse(prefix).network();
    if (remove) {
      block.removeAllowedIp(parsed);
    } else {
      block.addAllowedIp(parsed);
    }
  }

  private SecretKey secret(LineReader line) throws UapiException {
    byte[] hex = line.secretValue();
    try {
      return keys.fromHex(hex);
    } catch (IllegalStateException e) {
      throw new UapiException(Errno.ENXIO, "the engine has ended; its key memory is closed", e);
    } finally {
      Arrays.fill(hex, (byte) 0);
    }
  }

  private static void requireTrue(String value) {
    if (!value.equals("true")) {
      throw new IllegalArgumentException("the only value is true");
    }
  }

  /** An unsigned decimal number of at most ten digits. */
  private static long number(String text, long most) {
    long number = text.isEmpty() || text.length() > 10 ? most + 1 : 0;
    for (int i = 0; i < text.length() && number <= most; i++) {
      char digit = text.charAt(i);
      number = digit < '0' || digit > '9' ? most + 1 : 10 * number + digit - '0';
    }
    if (number > most) {
      throw new IllegalArgumentException("not a number from 0 to " + most);
    }
    return number;
  }

  private static String printable(String key) {
    return key.length() <= 32 && key.chars().allMatch(c -> c == '_' || (c >= 'a' && c <= 'z'))
        ? key
        : "an unknown key";
  }

  private void finishPeer() {
    if (peer != null) {
      peers.addAll(peer.finish());
      peer = null;
    }
  }

  /** The whole change. Its secrets belong to the caller from now on. */
  DeviceChange finish() {
    finishPeer();
    DeviceChange change =
        new DeviceChange(
            Optional.ofNullable(privateKey),
            Optional.ofNullable(listenPort),
            Optional.ofNullable(fwmark),
            replacePeers,
            peers);
    privateKey = null;
    peers.clear();
    return change;
  }

  /** Wipes the secrets that did not leave through {@link #finish}. */
  @Override
  public void close() {
    if (privateKey != null) {
      privateKey.close();
      privateKey = null;
    }
    if (peer != null) {
      peer.discard();
      peer = null;
    }
    peers.forEach(change -> change.presharedKey().ifPresent(SecretKey::close));
    peers.clear();
  }
}
