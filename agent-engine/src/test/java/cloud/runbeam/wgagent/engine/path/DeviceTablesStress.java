package cloud.runbeam.wgagent.engine.path;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import cloud.runbeam.wgagent.engine.peer.Peer;
import cloud.runbeam.wgagent.engine.routing.AllowedIps;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.testkit.TestPeers;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The conductor swaps the routing table while a packet thread looks up in it. */
public final class DeviceTablesStress {
  private static final Peer OLD = TestPeers.peer(() -> {});
  private static final Peer NEW = TestPeers.peer(() -> {});
  private static final IpPrefix FIRST = IpPrefix.parse("10.1.0.0/16");
  private static final IpPrefix SECOND = IpPrefix.parse("10.2.0.0/16");
  private static final int IN_FIRST = 0x0A01_0001;
  private static final int IN_SECOND = 0x0A02_0001;

  private DeviceTablesStress() {}

  private static int number(AllowedIps<Peer> table, int address) {
    Peer peer = table.lookupIpv4(address);
    return peer == OLD ? 1 : peer == NEW ? 2 : 0;
  }

  /** Both prefixes move from one peer to another, in one change. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The version before.")
  @Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "The version after.")
  @Outcome(expect = FORBIDDEN, desc = "A mixture, or a hole in the table.")
  @State
  public static class VersionsAreSeenWhole {
    private final DeviceTables tables = new DeviceTables();

    public VersionsAreSeenWhole() {
      tables.setAllowedIps(AllowedIps.<Peer>empty().with(FIRST, OLD).with(SECOND, OLD));
    }

    @Actor
    public void conductor() {
      tables.setAllowedIps(
          tables.allowedIps().toBuilder().put(FIRST, NEW).put(SECOND, NEW).build());
    }

    @Actor
    public void outbound(II_Result result) {
      AllowedIps<Peer> version = tables.allowedIps();
      result.r1 = number(version, IN_FIRST);
      result.r2 = number(version, IN_SECOND);
    }
  }
}
