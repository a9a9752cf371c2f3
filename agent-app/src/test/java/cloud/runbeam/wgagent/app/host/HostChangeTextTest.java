package cloud.runbeam.wgagent.app.host;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.DnsRequest;
import cloud.runbeam.wgagent.platform.api.KillSwitch;
import cloud.runbeam.wgagent.platform.api.PolicyRouting.Rule;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostChangeTextTest {
  private static final Device DEVICE = new Device("a+b=c.d_e-f", 12);

  static List<HostChange> changes() {
    return List.of(
        new HostChange.KillSwitched("net-1", new KillSwitch.Tunnel("wg0", -1, true)),
        new HostChange.KillSwitched("net-1", new KillSwitch.Tunnel("wg0", 51_820, false)),
        new HostChange.Mtu(DEVICE, 1_420),
        new HostChange.Address(DEVICE, IpPrefix.parse("10.0.0.2/24")),
        new HostChange.Address(DEVICE, IpPrefix.parse("fd42::2/64")),
        new HostChange.Link(DEVICE),
        new HostChange.Route(DEVICE, IpPrefix.parse("::/0"), Integer.MAX_VALUE),
        new HostChange.NameServers(
            new DnsRequest("wg0", List.of("10.0.0.53", "fd42::53"), List.of("corp.example")),
            "resolved interface=wg0 index=7"),
        new HostChange.NameServers(
            new DnsRequest("wg0", List.of("10.0.0.53"), List.of()), "file a=b,c  d= "),
        new HostChange.CheckedByMark("net-1", true),
        new HostChange.CheckedByMark("net-1", false),
        new HostChange.GuardedReplies("wg0", 51_820, List.of()),
        new HostChange.GuardedReplies(
            "wg0", -1, List.of(IpPrefix.parse("10.0.0.2/24"), IpPrefix.parse("fd42::2/64"))),
        new HostChange.RuleAdded(Rule.unmarkedTo(51_820, 0xFFFF_FFFF, true, 32_765)),
        new HostChange.RuleAdded(Rule.mainButDefault(false, 1)));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void readsWhatItWrites(HostChange change) {
    assertThat(HostChangeText.parse(change.text())).contains(change);
    String line = JournalLine.of(change.text());
    assertThat(JournalLine.payload(line.substring(0, line.length() - 1))).contains(change.text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "unknown x",
        "mtu wg0#7",
        "mtu wg0 1420",
        "mtu wg0#x 1420",
        "address wg0#7 10.0.0.300/24",
        "rule 4 x not 1 1 1 1",
        "kill_switch a wg0 99999999999 lan"
      })
  void makesNothingOfWhatItDoesNotKnow(String text) {
    assertThat(HostChangeText.parse(text)).isEmpty();
  }

  @Test
  void survivesAnyText() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 20_000; round++) {
      StringBuilder text =
          new StringBuilder(changes().get(random.nextInt(changes().size())).text());
      for (int edits = 1 + random.nextInt(4); edits > 0; edits--) {
        text.setCharAt(random.nextInt(text.length()), (char) (' ' + random.nextInt(95)));
      }
      assertThat(HostChangeText.parse(text.toString())).as("seed %d", seed).isNotNull();
    }
  }
}
