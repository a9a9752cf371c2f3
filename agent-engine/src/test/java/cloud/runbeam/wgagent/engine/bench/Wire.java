package cloud.runbeam.wgagent.engine.bench;

import cloud.runbeam.wgagent.engine.io.DatagramBatch;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One end of a wire, as a socket. What it sends is handed to the other end, recorded, or counted
 * and dropped; what it receives was handed over, or comes from a recording. One thread; allocates
 * nothing while it drops or plays.
 */
final class Wire implements UdpTransport, UdpTransport.Provider {
  private final Endpoint address;
  private final ArrayDeque<byte[]> arrived = new ArrayDeque<>();
  private @Nullable Wire other;
  private @Nullable Recording recorder;
  private @Nullable Recording player;
  private int playAtOnce;
  private boolean dropping;
  private long sent;

  Wire(Endpoint address) {
    this.address = address;
  }

  static void connect(Wire one, Wire another) {
    one.other = another;
    another.other = one;
  }

  Endpoint address() {
    return address;
  }

  /** From now on, what is sent goes into {@code recording}. */
  void record(Recording recording) {
    recorder = recording;
  }

  /** From now on, what is sent vanishes. */
  void drop() {
    dropping = true;
    recorder = null;
  }

  /** From now on, every receive gives the next {@code atOnce} datagrams of {@code recording}. */
  void play(Recording recording, int atOnce) {
    player = recording;
    playAtOnce = atOnce;
  }

  /** Puts a datagram in line to be received. */
  void arrive(byte[] datagram) {
    arrived.add(datagram);
  }

  boolean isReadable() {
    return !arrived.isEmpty();
  }

  /** Datagrams sent so far. */
  long sent() {
    return sent;
  }

  @Override
  public UdpTransport open(int port, int fwmark) {
    return this;
  }

  @Override
  public int localPort() {
    return address.port();
  }

  @Override
  public void setFwmark(int fwmark) {}

  @Override
  public int receive(DatagramBatch batch) {
    batch.clear();
    PacketBatch packets = batch.packets();
    Recording recording = player;
    if (recording != null) {
      for (int i = 0; i < playAtOnce; i++) {
        packets.append(recording.playNext(packets.memory(), packets.position()));
        setOrigin(batch);
      }
      return batch.size();
    }
    while (!arrived.isEmpty()) {
      byte[] datagram = arrived.remove();
      MemorySegment.copy(
          datagram,
          0,
          packets.memory(),
          ValueLayout.JAVA_BYTE,
          packets.position(),
          datagram.length);
      packets.append(datagram.length);
      setOrigin(batch);
    }
    return batch.size();
  }

  private void setOrigin(DatagramBatch batch) {
    Wire sender = other;
    if (sender == null) {
      throw new IllegalStateException("not connected");
    }
    Endpoint from = sender.address;
    batch.setOrigin(
        batch.size() - 1, from.addressHigh(), from.addressLow(), from.port(), 0, 0, 0, 0);
  }

  @Override
  public Sender newSender() {
    return new Sender() {
      @Override
      public int send(DatagramBatch batch) {
        for (int i = 0; i < batch.size(); i++) {
          sendOne(batch.packets(), i);
          batch.setOutcome(i, SendOutcome.SENT);
        }
        return 0;
      }

      @Override
      public void close() {}
    };
  }

  private void sendOne(PacketBatch packets, int index) {
    sent++;
    if (recorder != null) {
      recorder.add(packets.memory(), packets.offset(index), packets.length(index));
    } else if (!dropping && other != null) {
      other.arrived.add(
          packets
              .memory()
              .asSlice(packets.offset(index), packets.length(index))
              .toArray(ValueLayout.JAVA_BYTE));
    }
  }

  @Override
  public void close() {}
}
