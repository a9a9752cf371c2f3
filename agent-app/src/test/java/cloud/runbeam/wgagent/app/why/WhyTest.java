package cloud.runbeam.wgagent.app.why;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.Snapshots;
import cloud.runbeam.wgagent.app.tunnel.TunnelState;
import cloud.runbeam.wgagent.app.why.Explanation.Outcome;
import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.status.LinkQuality;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import cloud.runbeam.wgagent.platform.api.HostFacts.FirewallFact;
import cloud.runbeam.wgagent.platform.api.HostFacts.LinkFact;
import cloud.runbeam.wgagent.platform.api.HostFacts.RouteFact;
import cloud.runbeam.wgagent.platform.api.HostFacts.Verdict;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every kind of break, one at a time, in a chain that holds otherwise. */
class WhyTest {
  private static final IpPrefix THERE = IpPrefix.parse("10.42.7.7");
  private static final NetworkStatus WORKING = Snapshots.active(Snapshots.activePeer("core"));

  private final FakeFacts facts = new FakeFacts();

  private Explanation why(NetworkStatus status) {
    return why(THERE, status);
  }

  private Explanation why(IpPrefix address, NetworkStatus status) {
    try {
      return new Why(facts).explain(address, Optional.empty(), List.of(status));
    } catch (PlatformException refused) {
      throw new AssertionError(refused);
    }
  }

  private static Finding at(ChainLink link, Explanation explanation) {
    return explanation.chain().stream()
        .filter(finding -> finding.link() == link)
        .findFirst()
        .orElseThrow();
  }

  private void assertBroken(Explanation explanation, ChainLink link, String fact, String advice) {
    assertThat(explanation.broken().map(Finding::link)).as("%s", explanation).contains(link);
    assertThat(explanation.outcome()).isEqualTo(Outcome.BROKEN);
    assertThat(explanation.summary()).contains(fact, advice);
    assertThat(explanation.network()).contains("default");
  }

  private static NetworkStatus with(PeerSnapshot peer) {
    return Snapshots.active(peer);
  }

  private static NetworkStatus with(List<String> dns, OptionalInt table, boolean routes) {
    NetworkConfig config = WORKING.config();
    return new NetworkStatus(
        new NetworkConfig(
            config.name(),
            config.enabled(),
            config.interfaceName(),
            config.addresses(),
            config.mtuBytes(),
            config.listenPort(),
            config.privateKey(),
            dns,
            List.of(),
            routes,
            table,
            config.fwmark(),
            config.killSwitch(),
            config.allowLan(),
            config.peers(),
            config.position()),
        WORKING.state(),
        WORKING.failure(),
        WORKING.uptime(),
        WORKING.device());
  }

  private static PeerSnapshot peer(boolean endpoint, Map<DropReason, Long> drops) {
    PeerSnapshot peer = Snapshots.peer("core", 0, Optional.empty(), false, 0);
    return new PeerSnapshot(
        peer.publicKey(),
        false,
        endpoint ? peer.endpoint() : Optional.empty(),
        peer.allowedIps(),
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        LinkQuality.UNKNOWN,
        drops,
        0,
        0);
  }

  @Test
  void findsEveryLinkWholeInATunnelThatWorks() {
    Explanation explanation = why(WORKING);
    assertThat(explanation.outcome()).isEqualTo(Outcome.WORKS);
    assertThat(explanation.broken()).isEmpty();
    assertThat(explanation.network()).contains("default");
    assertThat(explanation.chain()).extracting(Finding::link).containsExactly(ChainLink.values());
    assertThat(explanation.chain()).allMatch(finding -> finding.state() == Finding.State.OK);
    assertThat(at(ChainLink.RULE, explanation).fact()).contains("32766: from all lookup main");
    assertThat(at(ChainLink.ROUTE, explanation).fact()).contains("wg0", "10.42.0.0/16", "main");
    assertThat(at(ChainLink.ALLOWED_IPS, explanation).fact()).contains("core", "10.42.0.0/16");
    assertThat(at(ChainLink.ENDPOINT_ROUTE, explanation).fact())
        .contains("192.0.2.1:51820", "eth0");
  }

  @Test
  void namesTheRuleThatIsMissing() {
    facts.route("10.42.7.7", FakeFacts.through("eth0", 254));
    assertBroken(
        why(with(List.of(), OptionalInt.of(51_820), true)),
        ChainLink.RULE,
        "the network's routes are in table 51820",
        "ip rule add table 51820");
  }

  @Test
  void namesTheRouteThatLeadsAroundTheTunnel() {
    facts.route("10.42.7.7", FakeFacts.through("eth0", 254));
    assertBroken(why(WORKING), ChainLink.ROUTE, "leaves by eth0", "wg-agent reload default");
  }

  @Test
  void saysThatRoutesAreOff() {
    facts.route("10.42.7.7", FakeFacts.through("eth0", 254));
    assertBroken(
        why(with(List.of(), OptionalInt.empty(), false)),
        ChainLink.ROUTE,
        "leaves by eth0",
        "ip route add 10.42.7.7 dev wg0");
  }

  @ParameterizedTest
  @EnumSource(names = {"UNREACHABLE", "PROHIBITED", "BLACKHOLE", "LOCAL"})
  void namesTheRouteThatDeliversNothing(Verdict verdict) {
    facts.route("10.42.7.7", RouteFact.of(verdict));
    assertThat(why(WORKING).broken().map(Finding::link)).contains(ChainLink.ROUTE);
  }

  @Test
  void namesANetworkThatIsNotUp() {
    facts.route("10.42.7.7", FakeFacts.through("wg0", 254));
    assertBroken(
        why(Snapshots.idle(TunnelState.STOPPED, Optional.empty())),
        ChainLink.DEVICE,
        "default is stopped",
        "wg-agent connect default");
    assertBroken(
        why(Snapshots.idle(TunnelState.ERROR, Optional.of("port taken"))),
        ChainLink.DEVICE,
        "port taken",
        "wg-agent connect default");
  }

  @Test
  void namesAnInterfaceThatIsGoneDownOrUnread() {
    facts.link = Optional.empty();
    assertBroken(why(WORKING), ChainLink.DEVICE, "there is no interface wg0", "connect default");
    facts.link = Optional.of(new LinkFact("wg0", false, false, 1420, List.of()));
    assertBroken(why(WORKING), ChainLink.DEVICE, "wg0 is down", "ip link set wg0 up");
    facts.link = Optional.of(new LinkFact("wg0", true, false, 1420, List.of()));
    assertBroken(why(WORKING), ChainLink.DEVICE, "nobody reads its packets", "report it");
  }

  @Test
  void passesTheEnginesProblemOn() {
    assertThat(why(Snapshots.withoutSockets(Optional.of("UDP port 51820 is taken"))).broken())
        .map(Finding::fact)
        .contains("UDP port 51820 is taken");
  }

  @Test
  void doubtsAnInterfaceWithoutAnAddressOfTheFamily() {
    facts.link = Optional.of(new LinkFact("wg0", true, true, 1420, List.of()));
    Explanation explanation = why(WORKING);
    assertThat(explanation.outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(at(ChainLink.DEVICE, explanation).fact()).contains("without any IPv4 address");
  }

  @Test
  void namesThePeerThatIsMissing() {
    facts.route("10.9.9.9", FakeFacts.through("wg0", 254));
    assertBroken(
        why(IpPrefix.parse("10.9.9.9"), WORKING),
        ChainLink.ALLOWED_IPS,
        "no peer of network default allows 10.9.9.9",
        "allowed_ips");
  }

  @Test
  void choosesThePeerWithTheLongestPrefix() {
    facts.route("10.42.7.7", FakeFacts.through("wg0", 254));
    PeerSnapshot wide = Snapshots.activePeer("core");
    PeerSnapshot narrow = Snapshots.activePeer("laptop");
    PeerSnapshot longer =
        new PeerSnapshot(
            narrow.publicKey(),
            false,
            narrow.endpoint(),
            List.of(IpPrefix.parse("10.42.7.0/24"), IpPrefix.parse("::/0")),
            0,
            narrow.lastHandshake(),
            Optional.empty(),
            Optional.empty(),
            true,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            LinkQuality.UNKNOWN,
            Map.of(),
            0,
            0);
    assertThat(at(ChainLink.ALLOWED_IPS, why(Snapshots.active(wide, longer, wide))).fact())
        .isEqualTo("peer laptop allows 10.42.7.0/24");
  }

  @Test
  void namesAPeerThatDoesNotAnswer() {
    assertBroken(
        why(with(Snapshots.peer("core", 25, Optional.empty(), false, 7))),
        ChainLink.SESSION,
        "peer core does not answer: 7 handshakes sent",
        "UDP reaches it");
  }

  @Test
  void namesAPeerThatCannotBeCalled() {
    assertBroken(
        why(with(peer(false, Map.of(DropReason.NO_ENDPOINT, 4L)))),
        ChainLink.SESSION,
        "has not called yet and has no endpoint to be called at; packets lost: 4 no_endpoint",
        "give it an endpoint");
  }

  @Test
  void leavesASessionOpenThatNobodyAskedFor() {
    Explanation explanation = why(with(peer(true, Map.of())));
    assertThat(explanation.outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(at(ChainLink.SESSION, explanation).advice()).contains("send one");
  }

  @Test
  void namesATunnelThatIsRoutedIntoItself() {
    facts.route("192.0.2.1", FakeFacts.through("wg0", 254));
    assertBroken(
        why(WORKING), ChainLink.ENDPOINT_ROUTE, "the tunnel is routed into itself", "allowed_ips");
  }

  @Test
  void namesAnEndpointWithoutARoute() {
    facts.route("192.0.2.1", RouteFact.of(Verdict.UNREACHABLE));
    assertBroken(
        why(WORKING),
        ChainLink.ENDPOINT_ROUTE,
        "192.0.2.1:51820: there is no route",
        "default route");
  }

  @Test
  void namesAFirewallThatRefusedPackets() {
    facts.firewall =
        new FirewallFact(true, false, List.of("inet filter output: policy drop"), Optional.empty());
    PeerSnapshot refused = peer(true, Map.of(DropReason.SEND_REFUSED, 3L));
    Explanation explanation = why(with(refused));
    assertBroken(
        explanation, ChainLink.FIREWALL, "firewall refused 3 outer packets", "nft list ruleset");
    assertThat(explanation.summary()).contains("inet filter output: policy drop");
  }

  @Test
  void doubtsAFirewallThatDropsSomething() {
    facts.firewall =
        new FirewallFact(
            true, false, List.of("inet filter output: tcp dport 25 drop"), Optional.empty());
    Explanation explanation = why(WORKING);
    assertThat(explanation.outcome()).isEqualTo(Outcome.WORKS);
    assertThat(at(ChainLink.FIREWALL, explanation).state()).isEqualTo(Finding.State.UNKNOWN);
    facts.firewall = FirewallFact.unknown("nft is not installed: install nftables");
    assertThat(at(ChainLink.FIREWALL, why(WORKING)).fact()).contains("nft is not installed");
  }

  @Test
  void namesNameServersThatAreNotTheNetworks() {
    NetworkStatus status = with(List.of("10.42.0.53"), OptionalInt.empty(), true);
    assertBroken(
        why(status),
        ChainLink.DNS,
        "asks 192.0.2.53, not the network's 10.42.0.53",
        "somebody else");
    facts.nameServers = List.of("10.42.0.53", "192.0.2.53");
    assertThat(why(status).outcome()).isEqualTo(Outcome.WORKS);
    facts.nameServers = List.of();
    assertThat(at(ChainLink.DNS, why(status)).state()).isEqualTo(Finding.State.UNKNOWN);
  }

  @Test
  void saysThatNoNetworkIsConcerned() {
    IpPrefix elsewhere = IpPrefix.parse("198.51.100.1");
    facts.route("198.51.100.1", FakeFacts.through("eth0", 254));
    Explanation explanation = why(elsewhere, WORKING);
    assertThat(explanation.outcome()).isEqualTo(Outcome.OUTSIDE);
    assertThat(explanation.network()).isEmpty();
    assertThat(explanation.summary()).contains("no network carries 198.51.100.1", "eth0");

    facts.firewall = new FirewallFact(true, true, List.of(), Optional.empty());
    Explanation blocked = why(elsewhere, WORKING);
    assertThat(blocked.broken().map(Finding::link)).contains(ChainLink.FIREWALL);
    assertThat(blocked.summary()).contains("kill switch");
  }

  @Test
  void holdsANetworkToWhatSomebodySaidItShouldCarry() throws PlatformException {
    IpPrefix elsewhere = IpPrefix.parse("198.51.100.1");
    facts.route("198.51.100.1", FakeFacts.through("eth0", 254));
    assertBroken(
        new Why(facts).explain(elsewhere, Optional.of(WORKING), List.of(WORKING)),
        ChainLink.ROUTE,
        "leaves by eth0",
        "add 198.51.100.1 to the allowed_ips of a peer of network default");
  }

  @Test
  void saysWhenTheSystemDoesNotTell() {
    facts.refusing = true;
    assertThatThrownBy(() -> new Why(facts).explain(THERE, Optional.empty(), List.of(WORKING)))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("run as root");
  }
}
