package cloud.runbeam.wgagent.app.config;

import java.util.Locale;

/**
 * Every way in which a configuration can be wrong. There is a fixture for each in the tests, named
 * after it.
 */
public enum ProblemReason {
  /** The configuration file does not exist. */
  FILE_MISSING,
  /** It exists but cannot be read, or is no regular file. */
  FILE_UNREADABLE,
  /** It is larger than any configuration. */
  FILE_TOO_LARGE,
  /** It is not UTF-8. */
  NOT_UTF8,
  /** It is not TOML 1.0. */
  SYNTAX,
  /** A key that means nothing. */
  UNKNOWN_KEY,
  /** A value of another type than the key wants. */
  WRONG_TYPE,
  /** A key without which the section makes no sense. */
  MISSING_KEY,
  /** Two keys that exclude each other. */
  CONFLICTING_KEYS,
  /** A number outside its range. */
  OUT_OF_RANGE,
  /** A word that is not among those the key takes, or a text of the wrong form. */
  BAD_VALUE,
  /**
   * A network, peer, interface, variable or credential name with forbidden characters or length.
   */
  BAD_NAME,
  /** No IP address or prefix. */
  BAD_ADDRESS,
  /** No WireGuard key in base64. */
  BAD_KEY,
  /** No {@code host:port}. */
  BAD_ENDPOINT,
  /** A secret key written into the file. */
  KEY_IN_FILE,
  /** A key file that is missing, or a variable or credential that is not set. */
  KEY_MISSING,
  /** A key file that cannot be opened or is no regular file. */
  KEY_UNREADABLE,
  /** A key file that others may read or change, or that belongs to somebody else. */
  KEY_EXPOSED,
  /** A key file, variable or credential whose content is no key. */
  KEY_MALFORMED,
  /** A key file, variable or credential that the caller of the control API may not name. */
  KEY_NOT_ALLOWED,
  /** The same address, or the same subnet, twice. */
  OVERLAPPING_ADDRESS,
  /** The same allowed IP at two peers. */
  OVERLAPPING_ALLOWED_IP,
  /** The same interface name for two networks. */
  DUPLICATE_INTERFACE,
  /** The same listen port for two networks. */
  DUPLICATE_PORT,
  /** The same public key twice in one network. */
  DUPLICATE_PEER_KEY,
  /** The same peer name twice in one network. */
  DUPLICATE_PEER_NAME,
  /** The network's own public key given as a peer's. */
  OWN_PUBLIC_KEY,
  /** {@code [[network.peers]]} beside several networks. */
  AMBIGUOUS_PEERS,
  /** Meaningful, but more than this version can do; starting would pretend. */
  NOT_SUPPORTED;

  /** As it stands in the control API and in the names of fixtures: {@code unknown_key}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
