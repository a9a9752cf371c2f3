package cloud.runbeam.wgagent.app.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PolicyRouting.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one network changes, in which order, and how it is taken back; and deaths at every step. */
class HostNetworkTest {
  private static final String KILL_SWITCH = "wg_agent_killswitch";

  private final Path directory;
  private FakeMachine machine = new FakeMachine();
  private HostNetworks networks;
  private HostNetwork network;

  HostNetworkTest(@TempDir Path directory) {
    this.directory = directory;
    networks = networks();
    network = networks.network("default");
    machine.createInterface("wg0");
  }

  /** A new process on the same machine. */
  private HostNetworks networks() {
    JournalStore journals =
        new FileJournalStore(
            directory,
            machine.networkEpoch(),
            (file, bytes) -> {
              try {
                machine.step("journal", () -> {});
              } catch (PlatformException full) {
                throw new IOException("No space left on device", full);
              }
              Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            });
    return new HostNetworks(machine, journals, KILL_SWITCH);
  }

  private static HostSettings settings(
      List<String> addresses, List<String> routes, boolean killSwitch) {
    return settings(1_420, addresses, routes, OptionalInt.empty(), 0, killSwitch);
  }

  private static HostSettings settings(
      int mtu,
      List<String> addresses,
      List<String> routes,
      OptionalInt table,
      int fwmark,
      boolean killSwitch) {
    return settings(mtu, addresses, routes, table, fwmark, List.of(), killSwitch);
  }

  private static HostSettings settings(
      int mtu,
      List<String> addresses,
      List<String> routes,
      OptionalInt table,
      int fwmark,
      List<String> dns,
      boolean killSwitch) {
    return new HostSettings(
        "default",
        "wg0",
        mtu,
        addresses.stream().map(IpPrefix::parse).toList(),
        routes.stream().map(IpPrefix::parse).toList(),
        table,
        fwmark,
        dns,
        List.of(),
        killSwitch,
        false,
        List.of());
  }

  private static final HostSettings PLAIN =
      settings(List.of("10.100.0.2/24", "fd42::2/64"), List.of("10.42.0.0/16"), false);
  private static final HostSettings FULL =
      settings(
          1_420,
          List.of("10.100.0.2/24"),
          List.of("0.0.0.0/0", "::/0", "10.42.0.0/16"),
          OptionalInt.empty(),
          0,
          List.of("10.100.0.53"),
          true);

  @Test
  void makesAddressesLinkAndRoutesInOrder() throws PlatformException {
    network.apply(PLAIN);

    assertThat(machine.takeDone())
        .containsExactly(
            "journal",
            "mtu 1420",
            "add address 10.100.0.2/24 dev wg0",
            "add address fd42::2/64 dev wg0",
            "link true",
            "add route 10.42.0.0/16 dev wg0 table 254");
  }

  @Test
  void changesNothingForWhatStandsAlready() throws PlatformException {
    network.apply(PLAIN);
    machine.takeDone();

    network.apply(PLAIN);

    assertThat(machine.takeDone()).isEmpty();
    assertThat(network.plan(PLAIN).isEmpty()).isTrue();
  }

  @Test
  void leavesConnectedSubnetsToTheKernel() throws PlatformException {
    network.apply(settings(List.of("10.100.0.2/24"), List.of("10.100.0.0/24"), false));

    assertThat(machine.state()).noneMatch(setting -> setting.startsWith("route"));
  }

  @Test
  void takesTheDefaultRouteByRulesWithTheKillSwitchFirstAndRulesLast() throws PlatformException {
    int mark = network.fwmark(FULL);

    network.apply(FULL);

    assertThat(mark).isEqualTo(51_820);
    assertThat(machine.takeDone())
        .containsExactly(
            "journal",
            "enforce [Tunnel[interfaceName=wg0, mark=51820, allowLan=false]]",
            "journal",
            "mtu 1420",
            "add address 10.100.0.2/24 dev wg0",
            "link true",
            "add route 0.0.0.0/0 dev wg0 table 51820",
            "add route ::/0 dev wg0 table 51820",
            "add route 10.42.0.0/16 dev wg0 table 254",
            "src_valid_mark true",
            "guard replies wg0",
            "add ipv4 rule 32764: from all lookup 254 suppress_prefixlength 0",
            "add ipv4 rule 32765: not from all fwmark 0xca6c lookup 51820",
            "add ipv6 rule 32764: from all lookup 254 suppress_prefixlength 0",
            "add ipv6 rule 32765: not from all fwmark 0xca6c lookup 51820",
            "dns [10.100.0.53]");
    assertThat(network.status().dnsBackend()).isEqualTo("file");
    assertThat(network.status().remarks()).containsExactly("split DNS is not possible with a file");
    assertThat(network.status().table()).hasValue(51_820);
    assertThat(network.status().fwmark()).isEqualTo(51_820);
    assertThat(network.status().killSwitch().orElseThrow().blocking()).isTrue();
  }

  @Test
  void keepsAwayFromTablesMarksAndPrioritiesOfOthers() throws PlatformException {
    machine.addRuleOfOthers(Rule.unmarkedTo(51_820, 51_820, false, 32_765));
    machine.addRuleOfOthers(Rule.mainButDefault(false, 32_764));
    machine.addSetting("route 10.0.0.0/8 dev tun9 table 51821");
    machine.addRuleOfOthers(new Rule(false, 100, false, 51_822, -1, 7, -1));

    network.apply(settings(List.of("10.100.0.2/24"), List.of("0.0.0.0/0"), false));

    assertThat(machine.takeDone())
        .contains(
            "add route 0.0.0.0/0 dev wg0 table 51823",
            "add ipv4 rule 32762: from all lookup 254 suppress_prefixlength 0",
            "add ipv4 rule 32763: not from all fwmark 0xca6f lookup 51823");
  }

  @Test
  void usesTheConfiguredMarkWithATableOfItsOwn() throws PlatformException {
    HostSettings marked =
        settings(1_420, List.of(), List.of("0.0.0.0/0"), OptionalInt.empty(), 0x123, false);

    assertThat(network.fwmark(marked)).isEqualTo(0x123);
    network.apply(marked);

    assertThat(machine.state()).contains("ipv4 rule 32765: not from all fwmark 0x123 lookup 51820");
  }

  @Test
  void putsEverythingIntoAGivenTableWithoutRules() throws PlatformException {
    HostSettings inTable =
        settings(1_420, List.of(), List.of("0.0.0.0/0"), OptionalInt.of(77), 0, false);

    assertThat(network.fwmark(inTable)).isZero();
    network.apply(inTable);

    assertThat(machine.state())
        .contains("route 0.0.0.0/0 dev wg0 table 77")
        .noneMatch(setting -> setting.contains("rule"));
  }

  @Test
  void saysThatIpv6IsNotThereToBeRouted() throws PlatformException {
    machine.loseIpv6();

    network.apply(settings(List.of("10.100.0.2/24"), List.of("0.0.0.0/0", "::/0"), false));

    assertThat(machine.state()).noneMatch(setting -> setting.contains("::/0"));
    assertThat(network.status().remarks())
        .singleElement()
        .asString()
        .contains("this machine has no IPv6");
  }

  @Test
  void doesWithoutWhatOnlySomeMachinesNeed() throws PlatformException {
    machine.refuse("src_valid_mark");

    network.apply(settings(List.of(), List.of("0.0.0.0/0"), false));

    assertThat(machine.state()).anyMatch(setting -> setting.contains("lookup 51820"));
    assertThat(network.status().remarks()).singleElement().asString().contains("src_valid_mark");
    network.clear();
    assertThat(directory.resolve("journal/default.journal")).doesNotExist();
  }

  @Test
  void makesOnlyTheDifference() throws PlatformException {
    network.apply(PLAIN);
    machine.takeDone();
    HostSettings next =
        settings(
            1_400,
            List.of("10.100.0.3/24", "fd42::2/48"),
            List.of("10.43.0.0/16"),
            OptionalInt.empty(),
            0,
            false);

    assertThat(network.plan(next))
        .isEqualTo(
            new HostDiff(
                List.of("10.100.0.3/24", "fd42::2/48"),
                List.of("10.100.0.2/24", "fd42::2/64"),
                List.of("10.43.0.0/16"),
                List.of("10.42.0.0/16"),
                List.of("mtu")));
    network.apply(next);

    assertThat(machine.state())
        .contains(
            "mtu 1400 dev wg0",
            "address 10.100.0.3/24 dev wg0",
            "address fd42::2/48 dev wg0",
            "route 10.43.0.0/16 dev wg0 table 254")
        .doesNotContain(
            "address 10.100.0.2/24 dev wg0",
            "address fd42::2/64 dev wg0",
            "route 10.42.0.0/16 dev wg0 table 254");
    assertThat(machine.takeDone())
        .as("an IPv6 address is there once, whatever its prefix length")
        .containsSubsequence("remove address fd42::2/64 dev wg0", "add address fd42::2/48 dev wg0");
  }

  @Test
  void asksOnceWhatTheNameServersWere() throws PlatformException {
    network.apply(FULL);
    HostSettings next =
        settings(
            1_420,
            List.of("10.100.0.2/24"),
            List.of(),
            OptionalInt.empty(),
            0,
            List.of("10.100.0.54"),
            true);

    assertThat(network.plan(next).changed()).contains("dns", "default_route");
    network.apply(next);

    assertThat(machine.state()).contains("dns [10.100.0.54] file interface=wg0 before=192.0.2.53");
    network.clear();
    assertThat(machine.state()).noneMatch(setting -> setting.startsWith("dns"));
  }

  @Test
  void putsBackWhatTheKernelTakesAlongWithAnAddress() throws PlatformException {
    network.apply(settings(List.of("10.100.0.2/24"), List.of("10.42.0.0/16"), false));

    network.apply(settings(List.of(), List.of("10.42.0.0/16"), false));

    assertThat(machine.state()).contains("route 10.42.0.0/16 dev wg0 table 254");
  }

  @Test
  void undoesARefusedChangeInReverse() throws PlatformException {
    List<String> before = machine.state();
    machine.refuse("add route 10.42");

    assertThatThrownBy(() -> network.apply(PLAIN))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("10.42.0.0/16");

    assertThat(machine.takeDone())
        .containsSubsequence(
            "link true",
            "link false",
            "remove address fd42::2/64 dev wg0",
            "remove address 10.100.0.2/24 dev wg0");
    machine.removeSetting("mtu");
    machine.removeSetting("link");
    assertThat(machine.state()).isEqualTo(before);
    assertThat(directory.resolve("journal/default.journal")).doesNotExist();
  }

  @Test
  void keepsTheFormerSettingsWhenNewOnesAreRefused() throws PlatformException {
    network.apply(PLAIN);
    List<String> before = machine.state();
    HostSettings next =
        settings(
            1_300,
            List.of("10.101.0.2/24", "fd42::2/48"),
            List.of("10.43.0.0/16", "10.44.0.0/16"),
            OptionalInt.empty(),
            0,
            false);
    for (String what :
        List.of("mtu 1300", "add address 10.101", "add route 10.44", "remove route 10.42")) {
      machine.refuse(what);
      assertThatThrownBy(() -> network.apply(next)).isInstanceOf(PlatformException.class);
      assertThat(machine.state()).as("after refusing " + what).isEqualTo(before);
    }
    machine.refuse(null);
    network.apply(next);
    assertThat(machine.state()).contains("mtu 1300 dev wg0");
  }

  @Test
  void changesNothingThatItCannotWriteDown() {
    List<String> before = machine.state();
    machine.refuse("journal");

    assertThatThrownBy(() -> network.apply(FULL))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("No space left on device")
        .hasMessageContaining("agent.state_dir");

    assertThat(machine.state()).isEqualTo(before);
    assertThat(machine.takeDone()).isEmpty();
  }

  @Test
  void canBeTakenDownOnAFullDisk() throws PlatformException {
    List<String> before = machine.state();
    network.apply(FULL);
    machine.refuse("journal");

    network.clear();
    machine.removeInterface("wg0");
    machine.createInterface("wg0");

    assertThat(machine.state()).isEqualTo(before);
  }

  @Test
  void failsClosed() throws PlatformException {
    machine.refuse("add ipv4 rule 32765");

    assertThatThrownBy(() -> network.apply(FULL)).isInstanceOf(PlatformException.class);

    assertThat(network.status().killSwitch().orElseThrow().blocking()).isTrue();
    network.clearButKillSwitch();
    assertThat(network.status().killSwitch().orElseThrow().blocking()).isTrue();
    network.clear();
    assertThat(machine.state()).noneMatch(setting -> setting.startsWith(KILL_SWITCH));
  }

  @Test
  void connectsNothingWhereTheKillSwitchCannotBeRaised() {
    List<String> before = machine.state();
    machine.refuse("enforce");

    assertThatThrownBy(() -> network.protect(FULL)).isInstanceOf(PlatformException.class);

    assertThat(machine.state()).isEqualTo(before);
    assertThat(network.status().killSwitch()).isEmpty();
  }

  @Test
  void raisesAKillSwitchAgainThatSomebodyFlushed() throws PlatformException {
    network.apply(FULL);
    machine.removeSetting(KILL_SWITCH);
    assertThat(network.status().killSwitch().orElseThrow().blocking()).isFalse();

    network.apply(FULL);

    assertThat(network.status().killSwitch().orElseThrow().blocking()).isTrue();
  }

  @Test
  void sharesOneKillSwitchAmongNetworks() throws PlatformException {
    machine.createInterface("wg1");
    HostNetwork other = networks.network("other");
    HostSettings second =
        new HostSettings(
            "other",
            "wg1",
            1_420,
            List.of(),
            List.of(),
            OptionalInt.empty(),
            0,
            List.of(),
            List.of(),
            true,
            false,
            List.of());
    network.apply(FULL);
    other.apply(second);

    assertThat(machine.state())
        .filteredOn(setting -> setting.startsWith(KILL_SWITCH))
        .singleElement()
        .asString()
        .contains("wg0", "wg1", "51820", "51821");
    network.clear();
    assertThat(machine.state())
        .filteredOn(setting -> setting.startsWith(KILL_SWITCH))
        .singleElement()
        .asString()
        .contains("wg1")
        .doesNotContain("wg0");
    other.clear();
    assertThat(machine.state()).noneMatch(setting -> setting.startsWith(KILL_SWITCH));
  }

  @Test
  void leavesTheCheckByMarkAsItWasFoundAndAsOthersWantIt() throws PlatformException {
    HostSettings full = settings(List.of(), List.of("0.0.0.0/0"), false);
    machine.setSourcesByMark(true);
    network.apply(full);
    network.clear();
    assertThat(machine.state()).as("was on before").contains("src_valid_mark true");

    machine.setSourcesByMark(false);
    network.apply(full);
    machine.setSourcesByMark(false);
    network.clear();
    assertThat(machine.takeDone()).doesNotContain("src_valid_mark false");
  }

  @Test
  void undoesWhatADeadAgentLeftWhereverItDied() throws PlatformException {
    Set<Integer> deaths = new TreeSet<>();
    for (boolean afterIt : new boolean[] {false, true}) {
      for (int step = 1; ; step++) {
        machine = new FakeMachine();
        machine.createInterface("wg0");
        machine.addRuleOfOthers(Rule.unmarkedTo(52, 52, false, 5_270));
        List<String> before = machine.state();
        networks = networks();
        network = networks.network("default");
        machine.dieAt(step, afterIt);
        boolean died = diesLiving();
        machine.live();
        if (!died) {
          break;
        }
        deaths.add(step);
        // With the process its TUN device goes.
        machine.removeInterface("wg0");
        List<Leftover> found = networks().cleanup(false);
        machine.createInterface("wg0");

        assertThat(machine.state()).as("died at step %d: %s", step, found).isEqualTo(before);
        assertThat(found).noneMatch(each -> each.outcome() == Leftover.Outcome.FAILED);
        assertThat(networks().leftovers()).isEmpty();
        assertThat(directory.resolve("journal/default.journal")).doesNotExist();
      }
    }
    assertThat(deaths).as("steps of up, reload and down").hasSizeGreaterThan(30);
  }

  /** Up, reload, down; true if the process died on the way. */
  private boolean diesLiving() throws PlatformException {
    try {
      network.apply(FULL);
      network.apply(
          settings(
              1_300,
              List.of("10.101.0.2/24"),
              List.of("0.0.0.0/0", "10.43.0.0/16"),
              OptionalInt.empty(),
              0x55,
              List.of("10.101.0.53"),
              true));
      network.clear();
      machine.removeInterface("wg0");
      machine.createInterface("wg0");
      return false;
    } catch (FakeMachine.Death death) {
      return true;
    }
  }

  @Test
  void keepsTheKillSwitchOverDeathAndRestart() throws PlatformException {
    network.apply(FULL);
    machine.removeInterface("wg0");

    HostNetworks next = networks();
    List<Leftover> found = next.recover("default"::equals);

    assertThat(found)
        .filteredOn(each -> each.outcome() == Leftover.Outcome.KEPT)
        .extracting(Leftover::what)
        .containsExactly("kill switch around wg0");
    assertThat(machine.state()).anyMatch(setting -> setting.startsWith(KILL_SWITCH));
    assertThat(machine.state()).noneMatch(setting -> setting.contains("lookup 51820"));
    machine.createInterface("wg0");
    next.network("default").apply(FULL);
    next.network("default").clear();
    assertThat(machine.state()).noneMatch(setting -> setting.startsWith(KILL_SWITCH));
  }

  @Test
  void liftsTheKillSwitchOfANetworkThatHasNoneAnyMore() throws PlatformException {
    network.apply(FULL);
    machine.removeInterface("wg0");

    networks().recover(_ -> false);

    assertThat(machine.state()).noneMatch(setting -> setting.startsWith(KILL_SWITCH));
  }

  @Test
  void leavesAloneWhatSomebodyElseChangedSince() throws PlatformException {
    network.apply(FULL);
    machine.removeInterface("wg0");
    // Another interface of that name with an address like ours; the switch set back; a rule gone.
    machine.createInterface("wg0");
    machine.addSetting("address 10.100.0.2/24 dev wg0");
    machine.setSourcesByMark(false);
    machine.removeRuleOfOthers(Rule.mainButDefault(false, 32_764));
    machine.removeSetting("dns");
    machine.takeDone();

    List<Leftover> found = networks().cleanup(false);

    assertThat(machine.state()).contains("address 10.100.0.2/24 dev wg0");
    assertThat(machine.takeDone())
        .noneMatch(step -> step.contains("address"))
        .noneMatch(step -> step.contains("src_valid_mark"))
        .noneMatch(step -> step.contains("ipv4 rule 32764"));
    assertThat(found)
        .filteredOn(each -> each.outcome() == Leftover.Outcome.NOT_OURS)
        .extracting(Leftover::what)
        .contains(
            "address 10.100.0.2/24 of wg0",
            "name servers 10.100.0.53 through wg0",
            "net.ipv4.conf.all.src_valid_mark = 1",
            "ipv4 rule 32764: from all lookup 254 suppress_prefixlength 0");
  }

  @Test
  void looksWithoutTouchingOnADryRun() throws PlatformException {
    network.apply(FULL);
    machine.removeInterface("wg0");
    List<String> left = machine.state();
    machine.takeDone();

    List<Leftover> found = networks().leftovers();

    assertThat(machine.takeDone()).isEmpty();
    assertThat(machine.state()).isEqualTo(left);
    assertThat(found).filteredOn(each -> each.outcome() == Leftover.Outcome.UNDONE).hasSize(8);
    assertThat(networks().cleanup(false)).isEqualTo(found);
    assertThat(networks().leftovers()).isEmpty();
  }

  @Test
  void triesAgainLaterWhatCannotBeUndoneNow() throws PlatformException {
    network.apply(FULL);
    machine.removeInterface("wg0");
    machine.refuse("remove ipv6 rule 32765");

    List<Leftover> found = networks().cleanup(false);

    assertThat(found)
        .filteredOn(each -> each.outcome() == Leftover.Outcome.FAILED)
        .extracting(Leftover::what)
        .containsExactly("ipv6 rule 32765: not from all fwmark 0xca6c lookup 51820");
    machine.refuse(null);
    assertThat(networks().cleanup(false)).hasSize(1);
    assertThat(machine.state()).noneMatch(setting -> setting.contains("lookup 51820"));
  }

  @Test
  void liftsAKillSwitchThatNoJournalSpeaksOf() {
    machine.addSetting(KILL_SWITCH + " []");

    assertThat(networks().leftovers()).extracting(Leftover::what).containsExactly("kill switch");
    assertThat(networks().cleanup(false)).hasSize(1);

    assertThat(new ArrayList<>(machine.state())).noneMatch(each -> each.startsWith(KILL_SWITCH));
  }

  @Test
  void givesKillSwitchesOfDifferentAgentsDifferentNames() {
    assertThat(HostNetworks.killSwitchName(Path.of("/var/lib/wg-agent"))).isEqualTo(KILL_SWITCH);
    assertThat(HostNetworks.killSwitchName(Path.of("/srv/a")))
        .startsWith(KILL_SWITCH + "_")
        .isNotEqualTo(HostNetworks.killSwitchName(Path.of("/srv/b")));
  }
}
