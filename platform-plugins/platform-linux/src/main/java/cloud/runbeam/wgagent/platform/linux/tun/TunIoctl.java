package cloud.runbeam.wgagent.platform.linux.tun;

import cloud.runbeam.wgagent.platform.linux.ffi.NativeScratch;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * The ioctls of a TUN descriptor (linux/if_tun.h) and their argument.
 *
 * <pre>
 *   struct ifreq    0               16    18            40
 *                  |ifr_name, 0-end|flags|(other uses) |
 * </pre>
 */
final class TunIoctl {
  static final long TUNSETIFF = 0x400454CAL;
  static final long TUNGETFEATURES = 0x800454CFL;
  static final long TUNSETOFFLOAD = 0x400454D0L;
  static final long TUNGETIFF = 0x800454D2L;
  static final long TUNGETDEVNETNS = 0x54E3L;

  static final int IFF_TUN = 0x0001;
  static final int IFF_NO_PI = 0x1000;
  static final int IFF_VNET_HDR = 0x4000;

  /** The name must be new; otherwise a persistent device of that name would be taken over. */
  static final int IFF_TUN_EXCL = 0x8000;

  static final int TUN_F_CSUM = 0x01;
  static final int TUN_F_TSO4 = 0x02;
  static final int TUN_F_TSO6 = 0x04;
  static final int TUN_F_USO4 = 0x20;
  static final int TUN_F_USO6 = 0x40;

  static final int NAME_BYTES = 16;
  static final int FLAGS_OFFSET = NAME_BYTES;
  static final int IFREQ_BYTES = 40;

  private TunIoctl() {}

  /** Attaches the descriptor to a new device; 0 or a negated errno. */
  static int attach(SystemCalls calls, int descriptor, String name, int flags) {
    try (NativeScratch ifreq = new NativeScratch(IFREQ_BYTES)) {
      ifreq.put(0, name.getBytes(StandardCharsets.US_ASCII));
      ifreq.putShort(FLAGS_OFFSET, (short) flags);
      return calls.ioctl(descriptor, TUNSETIFF, ifreq.address(0, IFREQ_BYTES));
    }
  }

  /** The {@code IFF_} flags that the driver knows, none where it does not tell. */
  static int features(SystemCalls calls, int descriptor) {
    try (NativeScratch flags = new NativeScratch(Long.BYTES)) {
      long address = flags.putInt(0, 0);
      int result = calls.ioctl(descriptor, TUNGETFEATURES, address);
      return result < 0 ? 0 : flags.memory().get(ValueLayout.JAVA_INT, 0);
    }
  }

  /**
   * The device's current name, in whatever namespace it is.
   *
   * @return the name, or its absence with the negated errno: EBADFD when the device is gone
   */
  static Name name(SystemCalls calls, int descriptor) {
    try (NativeScratch ifreq = new NativeScratch(IFREQ_BYTES)) {
      int result = calls.ioctl(descriptor, TUNGETIFF, ifreq.address(0, IFREQ_BYTES));
      if (result < 0) {
        return new Name("", result);
      }
      byte[] name = ifreq.get(0, NAME_BYTES);
      int end = 0;
      while (end < name.length && name[end] != 0) {
        end++;
      }
      return new Name(new String(name, 0, end, StandardCharsets.US_ASCII), 0);
    }
  }

  /**
   * What {@link #name} found.
   *
   * @param text the name, empty on failure
   * @param result 0 or a negated errno
   */
  record Name(String text, int result) {}
}
