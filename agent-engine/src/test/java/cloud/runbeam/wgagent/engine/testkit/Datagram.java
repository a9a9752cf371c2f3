package cloud.runbeam.wgagent.engine.testkit;

import cloud.runbeam.wgagent.engine.io.Endpoint;

/** A UDP datagram as it crosses the {@link ToyNetwork}, addresses as seen outside of NAT. */
public final class Datagram {
  private final Endpoint source;
  private final Endpoint destination;
  private final byte[] bytes;

  /** A datagram; {@code bytes} is copied. */
  public Datagram(Endpoint source, Endpoint destination, byte[] bytes) {
    this.source = source;
    this.destination = destination;
    this.bytes = bytes.clone();
  }

  /** Where it comes from. */
  public Endpoint source() {
    return source;
  }

  /** Where it goes. */
  public Endpoint destination() {
    return destination;
  }

  /** A copy of its content. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Length of its content. */
  public int length() {
    return bytes.length;
  }

  /** The first byte, which is the type of a WireGuard message; -1 when empty. */
  public int type() {
    return bytes.length == 0 ? -1 : bytes[0];
  }

  @Override
  public String toString() {
    return source + " -> " + destination + ", type " + type() + ", " + bytes.length + " bytes";
  }
}
