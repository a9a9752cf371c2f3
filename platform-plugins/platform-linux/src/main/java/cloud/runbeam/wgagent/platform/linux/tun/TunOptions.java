package cloud.runbeam.wgagent.platform.linux.tun;

/**
 * How a TUN device is made.
 *
 * @param offloads whether frames carry a {@code struct virtio_net_hdr} and may be TCP (and, from
 *     Linux 6.2, UDP) super-packets of up to 64 KiB without checksums, in both directions; whoever
 *     reads them must be able to cut them up
 */
public record TunOptions(boolean offloads) {
  /** A frame is one IP packet. */
  public static final TunOptions PLAIN = new TunOptions(false);
}
