package cloud.runbeam.wgagent.engine.io;

import cloud.runbeam.wgagent.engine.io.UdpTransport.SendOutcome;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams with the endpoint each came from or goes to. A receiver fills the address words without
 * making an object; {@link #origin} makes one only when somebody asks, and {@link #cameFrom}
 * compares without.
 *
 * <p>Not thread-safe: a batch belongs to one thread.
 */
public final class DatagramBatch {
  private final PacketBatch packets;
  private final long[] addressHigh;
  private final long[] addressLow;
  private final long[] sourceHigh;
  private final long[] sourceLow;
  private final int[] port;
  private final int[] scopeId;
  private final int[] sourceInterface;
  private final @Nullable Endpoint[] destinations;
  private final SendOutcome[] outcomes;

  /**
   * A batch over {@code packets}, which belongs to it from now on; {@code capacity} is that of
   * {@code packets}.
   */
  public DatagramBatch(PacketBatch packets, int capacity) {
    this.packets = packets;
    this.addressHigh = new long[capacity];
    this.addressLow = new long[capacity];
    this.sourceHigh = new long[capacity];
    this.sourceLow = new long[capacity];
    this.port = new int[capacity];
    this.scopeId = new int[capacity];
    this.sourceInterface = new int[capacity];
    this.destinations = new Endpoint[capacity];
    this.outcomes = new SendOutcome[capacity];
    Arrays.fill(outcomes, SendOutcome.SENT);
  }

  /** The datagrams' bytes. */
  public PacketBatch packets() {
    return packets;
  }

  /** The number of datagrams. */
  public int size() {
    return packets.size();
  }

  /** Forgets all datagrams. */
  public void clear() {
    packets.clear();
  }

  // Receiving: the transport appends a datagram to packets(), then says where it came from.

  /**
   * Records where datagram {@code index} came from, in the form of {@link Endpoint}'s components.
   */
  public void setOrigin(
      int index,
      long addressHigh,
      long addressLow,
      int port,
      int scopeId,
      long sourceHigh,
      long sourceLow,
      int sourceInterface) {
    this.addressHigh[index] = addressHigh;
    this.addressLow[index] = addressLow;
    this.port[index] = port;
    this.scopeId[index] = scopeId;
    this.sourceHigh[index] = sourceHigh;
    this.sourceLow[index] = sourceLow;
    this.sourceInterface[index] = sourceInterface;
  }

  /** Whether datagram {@code index} came from exactly {@code endpoint}, local side included. */
  public boolean cameFrom(int index, @Nullable Endpoint endpoint) {
    return endpoint != null
        && addressLow[index] == endpoint.addressLow()
        && addressHigh[index] == endpoint.addressHigh()
        && port[index] == endpoint.port()
        && scopeId[index] == endpoint.scopeId()
        && sourceLow[index] == endpoint.sourceLow()
        && sourceHigh[index] == endpoint.sourceHigh()
        && sourceInterface[index] == endpoint.sourceInterface();
  }

  /**
   * A new object that says where datagram {@code index} came from; answers to it leave from the
   * address it arrived at.
   */
  public Endpoint origin(int index) {
    return new Endpoint(
        addressHigh[index],
        addressLow[index],
        port[index],
        scopeId[index],
        sourceHigh[index],
        sourceLow[index],
        sourceInterface[index]);
  }

  // Sending: the engine appends a datagram to packets(), then says where it goes; the sender sets
  // the outcome.

  /**
   * Makes the {@code bytes} at {@code packets().position()} the next datagram, going to {@code
   * destination}.
   */
  public void append(int bytes, Endpoint destination) {
    destinations[packets.size()] = destination;
    packets.append(bytes);
  }

  /** Where datagram {@code index} goes. */
  public Endpoint destination(int index) {
    return Objects.requireNonNull(destinations[index]);
  }

  /** What became of datagram {@code index}; valid after a send. */
  public SendOutcome outcome(int index) {
    return outcomes[index];
  }

  /** Says what became of datagram {@code index}. */
  public void setOutcome(int index, SendOutcome outcome) {
    outcomes[index] = outcome;
  }
}
