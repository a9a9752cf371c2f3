package cloud.runbeam.wgagent.app.config.wgquick;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Every key that wg-quick(8) and wg(8) know. */
enum ConfKey {
  // [Interface]
  ADDRESS(ConfFile.Kind.INTERFACE, "Address", true),
  LISTEN_PORT(ConfFile.Kind.INTERFACE, "ListenPort", false),
  PRIVATE_KEY(ConfFile.Kind.INTERFACE, "PrivateKey", false),
  DNS(ConfFile.Kind.INTERFACE, "DNS", true),
  MTU(ConfFile.Kind.INTERFACE, "MTU", false),
  TABLE(ConfFile.Kind.INTERFACE, "Table", false),
  FW_MARK(ConfFile.Kind.INTERFACE, "FwMark", false),
  PRE_UP(ConfFile.Kind.INTERFACE, "PreUp", true),
  POST_UP(ConfFile.Kind.INTERFACE, "PostUp", true),
  PRE_DOWN(ConfFile.Kind.INTERFACE, "PreDown", true),
  POST_DOWN(ConfFile.Kind.INTERFACE, "PostDown", true),
  SAVE_CONFIG(ConfFile.Kind.INTERFACE, "SaveConfig", false),
  // [Peer]
  PUBLIC_KEY(ConfFile.Kind.PEER, "PublicKey", false),
  PRESHARED_KEY(ConfFile.Kind.PEER, "PresharedKey", false),
  ALLOWED_IPS(ConfFile.Kind.PEER, "AllowedIPs", true),
  ENDPOINT(ConfFile.Kind.PEER, "Endpoint", false),
  PERSISTENT_KEEPALIVE(ConfFile.Kind.PEER, "PersistentKeepalive", false);

  private final ConfFile.Kind kind;
  private final String spelling;
  private final boolean repeatable;

  ConfKey(ConfFile.Kind kind, String spelling, boolean repeatable) {
    this.kind = kind;
    this.spelling = spelling;
    this.repeatable = repeatable;
  }

  /** The key of that name, in any case, as both programs take it. */
  static Optional<ConfKey> find(ConfFile.Kind kind, String name) {
    for (ConfKey key : values()) {
      if (key.kind == kind && key.spelling.equalsIgnoreCase(name)) {
        return Optional.of(key);
      }
    }
    return Optional.empty();
  }

  /** What may stand in such a section. */
  static List<String> spellings(ConfFile.Kind kind) {
    List<String> names = new ArrayList<>();
    for (ConfKey key : values()) {
      if (key.kind == kind) {
        names.add(key.spelling);
      }
    }
    return names;
  }

  /** As the manual writes it. */
  String spelling() {
    return spelling;
  }

  /** Whether further lines add to the first. */
  boolean repeatable() {
    return repeatable;
  }

  /** Whether its value must never be shown. */
  boolean secret() {
    return this == PRIVATE_KEY || this == PRESHARED_KEY;
  }

  /** Whether its value is a command for a shell. */
  boolean hook() {
    return this == PRE_UP || this == POST_UP || this == PRE_DOWN || this == POST_DOWN;
  }
}
