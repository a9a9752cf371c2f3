package cloud.runbeam.wgagent.engine.io;

/**
 * Whether the operating system does a piece of per-packet work for this process. Without an offload
 * everything works, only slower.
 *
 * @param kind which, as metrics and scripts name it: {@link #TUN}, {@link #UDP_RECEIVE}, {@link
 *     #UDP_SEND}
 * @param on whether it is in use
 * @param detail what it spares, or why it is not in use; empty when there is nothing to add
 */
public record OffloadState(String kind, boolean on, String detail) {
  /** Super-packets between host and device instead of single packets. */
  public static final String TUN = "tun";

  /** Datagrams received as trains. */
  public static final String UDP_RECEIVE = "udp_receive";

  /** Datagrams sent as trains. */
  public static final String UDP_SEND = "udp_send";

  /** {@code on} or {@code off}, and the detail behind a colon. */
  public String text() {
    String state = on ? "on" : "off";
    return detail.isEmpty() ? state : state + ": " + detail;
  }
}
