package cloud.runbeam.wgagent.app.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.engine.testkit.ManualClock;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ConfirmedApplyTest {
  private static final Duration MINUTE = Duration.ofSeconds(60);
  private static final String ONE =
      """
      [network.one]
      interface = "wg1"
      address = "10.1.0.1/24"
      private_key_path = "own.key"
      """;
  private static final String TWO = ONE.replace("one", "two").replace("1", "2");

  @TempDir private Path directory;
  private final ManualClock clock = new ManualClock();
  private TestNetworks world;
  private TunnelService tunnels;
  private ConfirmedApply confirmed;

  @BeforeEach
  void bringUp() throws Exception {
    world = new TestNetworks(directory);
    tunnels = world.service(ONE + TWO);
    tunnels.connectAll();
    confirmed = new ConfirmedApply(tunnels, clock);
  }

  @AfterEach
  void takeDown() {
    tunnels.disconnectAll();
    world.assertNothingLeft();
    world.close();
  }

  @Test
  void takesEverythingBackWhenNobodyConfirms() throws Exception {
    String three = ONE.replace("one", "three").replace("1", "3");
    var _ = confirmed.apply(world.networks(ONE.replace("10.1", "10.9") + three), MINUTE);
    assertThat(tunnels.status()).extracting(NetworkStatus::name).containsExactly("one", "three");
    assertThat(confirmed.remaining()).contains(MINUTE);

    clock.advance(MINUTE.minusMillis(1));
    confirmed.tick();
    assertThat(address("one")).isEqualTo("10.9.0.1/24");
    clock.advance(Duration.ofMillis(1));
    confirmed.tick();

    assertThat(tunnels.status())
        .extracting(NetworkStatus::name)
        .containsExactlyInAnyOrder("one", "two");
    assertThat(tunnels.status()).extracting(NetworkStatus::state).containsOnly(TunnelState.ACTIVE);
    assertThat(address("one")).isEqualTo("10.1.0.1/24");
    assertThat(confirmed.remaining()).isEmpty();
  }

  @Test
  void staysWhenItIsConfirmed() throws Exception {
    NetworkDiff diff = confirmed.apply(world.network(ONE.replace("10.1", "10.9")), MINUTE);

    assertThat(confirmed.confirm()).containsExactly(diff);
    clock.advance(MINUTE.multipliedBy(2));
    confirmed.tick();

    assertThat(address("one")).isEqualTo("10.9.0.1/24");
    assertThatThrownBy(confirmed::confirm).hasMessageContaining("no change waits");
    assertThatThrownBy(confirmed::rollBack).hasMessageContaining("no change waits");
  }

  @Test
  void leavesAloneWhatOthersChangedSince() throws Exception {
    var _ = confirmed.apply(world.network(ONE.replace("10.1", "10.9")), MINUTE);
    var _ = tunnels.reload(world.network(ONE.replace("10.1", "10.8")));

    confirmed.rollBack();

    assertThat(address("one")).isEqualTo("10.8.0.1/24");
  }

  @Test
  void takesOneChangeAtATime() throws Exception {
    var _ = confirmed.apply(world.network(ONE.replace("10.1", "10.9")), MINUTE);

    assertThatThrownBy(() -> confirmed.apply(world.network(ONE), MINUTE))
        .hasMessageContaining("waits for its confirmation already");
    assertThatThrownBy(() -> confirmed.apply(world.network(ONE), Duration.ZERO))
        .hasMessageContaining("allow 1 to 3600 s");
  }

  @Test
  void changesBackWhatHadChangedWhenAnotherNetworkFails() throws Exception {
    world.platform.takePort(51_999);
    String failing = TWO.replace("address", "listen_port = 51999\naddress");

    assertThatThrownBy(
            () -> confirmed.apply(world.networks(ONE.replace("10.1", "10.9") + failing), MINUTE))
        .hasMessageContaining("network two: cannot change the listen port");

    assertThat(address("one")).isEqualTo("10.1.0.1/24");
    assertThat(confirmed.remaining()).isEmpty();
  }

  private String address(String network) {
    return tunnels.status(network).orElseThrow().config().addresses().getFirst().toString();
  }
}
