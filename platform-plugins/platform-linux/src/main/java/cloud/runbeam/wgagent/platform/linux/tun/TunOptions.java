package cloud.runbeam.wgagent.platform.linux.tun;

/**
 * How a TUN device is made.
 *
 * @param offloads whether frames carry a {@code struct virtio_net_hdr} and may be super-packets, as
 *     far as the kernel offers that ({@link TunOffload} says how far it went)
 */
public record TunOptions(boolean offloads) {
  /** Super-packets where the kernel has them. */
  public static final TunOptions FASTEST = new TunOptions(true);

  /** A frame is one IP packet. */
  public static final TunOptions PLAIN = new TunOptions(false);
}
