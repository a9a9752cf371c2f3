package cloud.runbeam.wgagent.engine.live;

import cloud.runbeam.wgagent.engine.DeviceChange;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.engine.EnginePorts;
import cloud.runbeam.wgagent.engine.PeerChange;
import cloud.runbeam.wgagent.engine.WireGuardDevice;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.crypto.X25519;
import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.testkit.SeededEntropy;
import cloud.runbeam.wgagent.engine.testkit.TestPackets;
import cloud.runbeam.wgagent.engine.uapi.UapiSession;
import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The process that {@link MemorySearchTest} searches: two devices with a tunnel between them. It
 * tells on standard output which secrets there are, bitwise inverted, so that telling leaves no
 * copy:
 *
 * <pre>
 *   locked START END         addresses of locked pages
 *   secret HEX               32 bytes, inverted
 *   kept HEX                 the same for a private or preshared key, once it is as it is used
 *   open | closed            waits for a line of input
 * </pre>
 */
final class MemorySearchSubject {
  private static final int PACKETS = 3_000;

  private static final LockedPages PAGES = new LockedPages();
  private static final Set<String> TOLD = new HashSet<>();

  private MemorySearchSubject() {}

  /** The seed of all keys, and where to dump the heap to. */
  public static void main(String[] arguments) throws Exception {
    EntropySource entropy = new TellingEntropy(Long.parseLong(arguments[0]));
    MemoryNetwork network = new MemoryNetwork();
    WireGuardEngine engine =
        WireGuardEngine.start(
            new EnginePorts(network, System::nanoTime, Instant::now, entropy, PAGES));
    engine
        .keys()
        .protectionFailure()
        .ifPresent(reason -> {
          throw new IllegalStateException(reason);
        });
    useTunnel(engine, entropy);
    tellKeys();
    for (MemorySegment chunk : PAGES.chunks()) {
      System.out.printf("locked %x %x%n", chunk.address(), chunk.address() + chunk.byteSize());
    }
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .dumpHeap(arguments[1], false);
    pause("open");
    engine.close();
    pause("closed");
  }

  private static void pause(String state) throws IOException {
    System.out.println(state);
    System.out.flush();
    if (System.in.read() < 0) {
      throw new IOException("nobody searches any more");
    }
  }

  private static void useTunnel(WireGuardEngine engine, EntropySource entropy) throws Exception {
    KeyArena keys = engine.keys();
    QueueTun aliceTun = new QueueTun("alice");
    QueueTun bobTun = new QueueTun("bob");
    WireGuardDevice alice = engine.open(aliceTun);
    WireGuardDevice bob = engine.open(bobTun);
    SecretKey aliceKey = X25519.generate(keys, entropy);
    SecretKey bobKey = X25519.generate(keys, entropy);
    SecretKey presharedKey = keys.allocate();
    entropy.fill(presharedKey.bytes());
    List.of(aliceKey, bobKey, presharedKey).forEach(key -> tell("kept ", key.bytes()));
    PublicKey alicePublic = aliceKey.publicKey();
    PublicKey bobPublic = bobKey.publicKey();

    // One device hears of its secrets through the engine's interface, the other as text.
    alice.apply(
        new DeviceChange(
            Optional.of(aliceKey),
            Optional.of(1001),
            Optional.empty(),
            false,
            List.of(peer(bobPublic, keys.copyOf(presharedKey)))));
    configureAsText(bob, bobKey, alicePublic, presharedKey);
    bobKey.close();
    presharedKey.close();
    readAsText(bob);

    carry(aliceTun, bobTun, "10.0.0.1", "10.0.0.2");
    carry(bobTun, aliceTun, "10.0.0.2", "10.0.0.1");
  }

  private static PeerChange peer(PublicKey key, SecretKey presharedKey) {
    return new PeerChange(
        key,
        false,
        false,
        Optional.of(presharedKey),
        Optional.of(MemoryNetwork.endpoint(1002)),
        Optional.empty(),
        false,
        List.of(IpPrefix.parse("10.0.0.2/32")),
        List.of());
  }

  private static void configureAsText(
      WireGuardDevice device, SecretKey key, PublicKey peer, SecretKey presharedKey)
      throws IOException {
    byte[] request =
        ("set=1\nlisten_port=1002\nprivate_key="
                + " ".repeat(64)
                + "\npublic_key="
                + peer.toHex()
                + "\nallowed_ip=10.0.0.1/32\npreshared_key="
                + " ".repeat(64)
                + "\n\n")
            .getBytes(StandardCharsets.US_ASCII);
    String text = new String(request, StandardCharsets.US_ASCII);
    key.writeHex(request, text.indexOf(' '));
    presharedKey.writeHex(request, text.lastIndexOf(' ') - 63);
    new UapiSession(device, System.err::println)
        .serve(new ByteArrayInputStream(request), OutputStream.nullOutputStream());
    Arrays.fill(request, (byte) 0);
  }

  private static void readAsText(WireGuardDevice device) throws IOException {
    new UapiSession(device, System.err::println)
        .serve(
            new ByteArrayInputStream("get=1\n\n".getBytes(StandardCharsets.US_ASCII)),
            OutputStream.nullOutputStream());
  }

  private static void carry(QueueTun from, QueueTun to, String source, String destination)
      throws InterruptedException, DeviceException {
    for (int i = 0; i < PACKETS; i++) {
      from.send(TestPackets.udp(source, destination, new byte[100]));
      to.await();
    }
  }

  /** Tells what is in the locked pages now. */
  private static synchronized void tellKeys() {
    PAGES.forEachKey(key -> tell("secret ", key));
  }

  private static synchronized void tell(String kind, MemorySegment secret) {
    StringBuilder hex = new StringBuilder(kind);
    for (long i = 0; i < secret.byteSize(); i++) {
      int inverted = ~secret.get(ValueLayout.JAVA_BYTE, i) & 0xFF;
      hex.append(Character.forDigit(inverted >>> 4, 16))
          .append(Character.forDigit(inverted & 15, 16));
    }
    if (TOLD.add(hex.toString())) {
      System.out.println(hex);
    }
  }

  /**
   * Gives keys out and tells of them. It is asked in the middle of handshakes: a chance to see
   * chaining keys, too, which are gone afterwards.
   */
  private static final class TellingEntropy implements EntropySource {
    private final SeededEntropy entropy;

    TellingEntropy(long seed) {
      entropy = new SeededEntropy(seed);
    }

    @Override
    public void fill(MemorySegment target) {
      tellKeys();
      entropy.fill(target);
      if (target.byteSize() == SecretKey.BYTES) {
        tell("secret ", target);
      }
    }

    @Override
    public int nextInt() {
      return entropy.nextInt();
    }
  }
}
