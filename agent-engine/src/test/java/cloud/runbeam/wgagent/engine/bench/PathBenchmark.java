package cloud.runbeam.wgagent.engine.bench;

import cloud.runbeam.wgagent.engine.bench.BenchTunnel.Traffic;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The whole way of a packet but for the system calls: time per packet from the TUN device's memory
 * to the socket's, and back.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(BenchTunnel.PACKETS)
public class PathBenchmark {
  /** Name of a {@link Traffic}. */
  @Param({"SMALL", "FULL", "SUPER"})
  public String traffic = "";

  @SuppressWarnings("NullAway.Init")
  private BenchTunnel tunnel;

  /** Brings the session up. */
  @Setup
  public void connect() throws IOException {
    tunnel = new BenchTunnel(Traffic.valueOf(traffic));
  }

  /** Takes it down. */
  @TearDown
  public void close() {
    tunnel.close();
  }

  /** Route, number, pad, seal; segment where frames are super-packets. */
  @Benchmark
  public void outbound() throws IOException {
    tunnel.outboundRound();
  }

  /** Classify, find, open, check counter and source; join where frames are super-packets. */
  @Benchmark
  public void inbound() throws IOException {
    tunnel.inboundRound();
  }
}
