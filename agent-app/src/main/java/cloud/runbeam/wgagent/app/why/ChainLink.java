package cloud.runbeam.wgagent.app.why;

import java.util.Locale;

/**
 * The links between a packet made here and the other side, in the order in which it passes them.
 */
public enum ChainLink {
  /** The rule of policy routing that leads to the table with the route. */
  RULE,
  /** The route to the destination. */
  ROUTE,
  /** The tunnel's interface. */
  DEVICE,
  /** The peer whose allowed IPs hold the destination. */
  ALLOWED_IPS,
  /** The session with that peer. */
  SESSION,
  /** The route to the peer's endpoint, outside of the tunnel. */
  ENDPOINT_ROUTE,
  /** The packet filter of this machine. */
  FIREWALL,
  /** The name servers. */
  DNS;

  /** As in the control API: {@code endpoint_route}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
