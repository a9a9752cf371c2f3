package cloud.runbeam.wgagent.engine.testkit;

import cloud.runbeam.wgagent.engine.cookie.Mac1;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.wire.InitiationLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Whoever sits on the wire: hears every datagram, may hold them back, and may send anything to
 * anybody from any address. She knows all public keys and no secret one.
 *
 * <p>Takes the tap and the filter of a {@link ToyNetwork}.
 */
public final class Eve {
  private static final int EPHEMERAL_BYTES = 32;

  private final ToyNetwork network;
  private final SplittableRandom random;
  private final List<Datagram> heard = new ArrayList<>();

  /** Begins to listen. */
  public Eve(ToyNetwork network, SplittableRandom random) {
    this.network = network;
    this.random = random;
    network.tap(heard::add);
  }

  // Listening.

  /** Everything that was sent by others since {@link #forget}, in order. */
  public List<Datagram> heard() {
    return List.copyOf(heard);
  }

  /** The newest datagram of this type. */
  public Datagram last(int type) {
    for (int i = heard.size() - 1; i >= 0; i--) {
      if (heard.get(i).type() == type) {
        return heard.get(i);
      }
    }
    throw new AssertionError("no message of type " + type + " was sent");
  }

  /** Forgets what was heard. */
  public void forget() {
    heard.clear();
  }

  /** Lets no datagram through that fits, until {@link #letPass}; what she sends herself arrives. */
  public void holdBack(Predicate<Datagram> which) {
    network.filter(which.negate());
  }

  /** Lets everything through again. */
  public void letPass() {
    network.filter(datagram -> true);
  }

  // Speaking.

  /** An address of hers. */
  public static Endpoint endpoint() {
    return ToyHost.endpoint("203.0.113.66", 666);
  }

  /** Sends a datagram again, as it was. */
  public void replay(Datagram datagram) {
    network.inject(datagram);
  }

  /** Sends a datagram again, as if it came from {@code source}. */
  public void replayFrom(Endpoint source, Datagram datagram) {
    network.inject(new Datagram(source, datagram.destination(), datagram.bytes()));
  }

  /** Sends a datagram back to who sent it, as if the receiver had. */
  public void reflect(Datagram datagram) {
    network.inject(
        new Datagram(
            /* source= */ datagram.destination(),
            /* destination= */ datagram.source(),
            datagram.bytes()));
  }

  /** Sends {@code bytes} from an address of hers. */
  public void send(Endpoint destination, byte[] bytes) {
    network.inject(new Datagram(endpoint(), destination, bytes));
  }

  /** Sends every shorter version of a datagram, and some longer ones. */
  public void truncateAndExtend(Datagram datagram, Runnable afterEach) {
    byte[] bytes = datagram.bytes();
    for (int length = 0; length <= bytes.length + 16; length++) {
      if (length != bytes.length) {
        send(datagram.destination(), Arrays.copyOf(bytes, length));
        afterEach.run();
      }
    }
  }

  /**
   * Sends a datagram once for each bit of its bytes {@code from} to before {@code to}, with that
   * bit flipped.
   *
   * @param repair what she does to each before sending it, for example {@link #sign}
   */
  public void flipEachBit(
      Datagram datagram, int from, int to, Consumer<byte[]> repair, Runnable afterEach) {
    for (int bit = from * Byte.SIZE; bit < to * Byte.SIZE; bit++) {
      byte[] changed = datagram.bytes();
      changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      repair.accept(changed);
      send(datagram.destination(), changed);
      afterEach.run();
    }
  }

  /** Gives a handshake message a MAC1 that is right, which needs public knowledge only. */
  public static void sign(byte[] message, PublicKey receiver) {
    new Mac1(receiver).write(MemorySegment.ofArray(message), 0, message.length);
  }

  /** An initiation of random content whose MAC1 is right. */
  public byte[] initiationTo(PublicKey receiver) {
    byte[] ephemeral = new byte[EPHEMERAL_BYTES];
    random.nextBytes(ephemeral);
    return initiationTo(receiver, PublicKey.fromBytes(ephemeral));
  }

  /** An initiation with the given ephemeral key, otherwise random, whose MAC1 is right. */
  public byte[] initiationTo(PublicKey receiver, PublicKey ephemeral) {
    byte[] message = new byte[InitiationLayout.BYTES];
    random.nextBytes(message);
    MemorySegment memory = MemorySegment.ofArray(message);
    InitiationLayout.begin(memory, 0, random.nextInt());
    ephemeral.copyTo(memory, InitiationLayout.EPHEMERAL);
    sign(message, receiver);
    return message;
  }

  /** The {@code number}th of four billion addresses, with a port that goes with it. */
  public static Endpoint source(int number) {
    return Endpoint.ipv4(0x0B00_0000 + number, 1024 + Math.floorMod(number, 60_000));
  }
}
