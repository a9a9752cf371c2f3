package cloud.runbeam.wgagent.engine.bench;

import cloud.runbeam.wgagent.engine.cookie.Mac1;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.TunDevice.FrameHeader;
import cloud.runbeam.wgagent.engine.noise.Handshake;
import cloud.runbeam.wgagent.engine.noise.LocalIdentity;
import cloud.runbeam.wgagent.engine.noise.Tai64n;
import cloud.runbeam.wgagent.engine.testkit.ManualClock;
import cloud.runbeam.wgagent.engine.testkit.SeededEntropy;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import cloud.runbeam.wgagent.engine.wire.InitiationLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Handshakes that one core answers per second: from the initiation in the socket's memory to the
 * response in it, with the session derived and the one before it wiped.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class HandshakeBenchmark {
  /** Initiations of one peer must be 20 ms apart. */
  private static final Duration BETWEEN_INITIATIONS = Duration.ofMillis(25);

  private final ManualClock clock = new ManualClock();
  private final SeededEntropy entropy = new SeededEntropy(1);
  private final Wire ours = new Wire(Endpoint.ipv4(0xC0000202, 51_820));

  @SuppressWarnings("NullAway.Init")
  private BenchDevice responder;

  @SuppressWarnings("NullAway.Init")
  private LocalIdentity initiator;

  @SuppressWarnings("NullAway.Init")
  private Handshake handshake;

  private long prepared;

  /** Makes both sides. */
  @Setup
  public void start() {
    Wire theirs = new Wire(Endpoint.ipv4(0xC0000201, 51_820));
    Wire.connect(ours, theirs);
    ours.drop();
    responder = new BenchDevice("responder", FrameHeader.NONE, ours, clock);
    initiator =
        new LocalIdentity(responder.keys(), TestKeys.privateKey(responder.keys(), "initiator"));
    handshake = new Handshake(responder.keys(), responder.publicKey());
    responder.addPeer(initiator.publicKey(), theirs.address(), "10.0.0.1/32");
  }

  /** Writes the next initiation; not measured. */
  @Setup(Level.Invocation)
  public void initiate() {
    clock.advance(BETWEEN_INITIATIONS);
    byte[] datagram = new byte[InitiationLayout.BYTES];
    MemorySegment message = MemorySegment.ofArray(datagram);
    handshake.writeInitiation(
        initiator, message, 0, (int) prepared, Tai64n.of(clock.now()), entropy);
    new Mac1(responder.publicKey()).write(message, 0, InitiationLayout.BYTES);
    ours.arrive(datagram);
    prepared++;
  }

  /** Reads the initiation and answers it. */
  @Benchmark
  public boolean answered() throws IOException {
    responder.inbound();
    return responder.conductor();
  }

  /** Makes sure that what was measured were answers. */
  @TearDown
  public void close() {
    long sent = ours.sent();
    handshake.close();
    initiator.close();
    responder.close();
    if (sent != prepared) {
      throw new IllegalStateException(prepared + " initiations, but " + sent + " responses");
    }
  }
}
