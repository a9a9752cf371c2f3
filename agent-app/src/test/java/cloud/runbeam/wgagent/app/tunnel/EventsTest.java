package cloud.runbeam.wgagent.app.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class EventsTest {
  private final Events events = new Events();

  @Test
  void reachThoseWhoListenToTheirTopicInOrder() {
    Subscription all = events.subscribe(Set.of(), 10);
    Subscription health = events.subscribe(Set.of(Topic.HEALTH), 10);

    events.publish(event(Topic.STATE, 1));
    events.publish(event(Topic.HEALTH, 2));

    assertThat(numbers(all)).containsExactly(1, 2);
    assertThat(numbers(health)).containsExactly(2);
    assertThat(events.isHeard(Topic.STATE)).isTrue();
    all.close();
    assertThat(events.isHeard(Topic.STATE)).isFalse();
    events.publish(event(Topic.STATE, 3));
    assertThat(all.poll()).isEmpty();
  }

  @Test
  void tellASlowListenerHowManyItMissedAndKeepTheNewest() {
    Subscription slow = events.subscribe(Set.of(), 3);

    for (int i = 0; i < 10; i++) {
      events.publish(event(Topic.STATE, i));
    }

    assertThat(slow.missed()).isEqualTo(7);
    assertThat(slow.missed()).as("told once").isZero();
    assertThat(numbers(slow)).containsExactly(7, 8, 9);
  }

  @Test
  void rememberTheLastThousand() {
    for (int i = 0; i < 1_500; i++) {
      events.publish(event(Topic.STATE, i));
    }

    assertThat(events.recent(5_000)).hasSize(Events.REMEMBERED);
    assertThat(events.recent(2))
        .extracting(event -> event.data().get("n"))
        .containsExactly(1_498, 1_499);
    assertThat(events.recent(-1)).isEmpty();
  }

  @Test
  void wakeWhoeverWaitsAndEndItsWaitingWhenClosed() throws InterruptedException {
    Subscription subscription = events.subscribe(Set.of(), 3);
    CountDownLatch closed = new CountDownLatch(1);
    Thread waiting =
        Thread.startVirtualThread(() -> {
          try {
            assertThat(subscription.take(Duration.ofSeconds(30))).isPresent();
            assertThat(subscription.take(Duration.ofSeconds(30))).isEmpty();
            closed.countDown();
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
        });

    events.publish(event(Topic.STATE, 1));
    subscription.close();

    assertThat(waiting.join(Duration.ofSeconds(20))).isTrue();
    assertThat(closed.getCount()).isZero();
    assertThat(subscription.isClosed()).isTrue();
    assertThat(subscription.take(Duration.ZERO)).isEmpty();
  }

  @Test
  void refuseAListenerWithoutRoom() {
    assertThatThrownBy(() -> events.subscribe(Set.of(), 0))
        .hasMessageContaining("0 events is not in 1 to");
  }

  @Test
  void sayHowANetworkMovesThroughItsLife(@TempDir Path directory) throws Exception {
    try (TestNetworks world = new TestNetworks(directory)) {
      String text = "[network.default]\ninterface = \"wg0\"\nprivate_key_path = \"own.key\"\n";
      TunnelService tunnels = world.service(text);
      Subscription states = tunnels.events().subscribe(Set.of(Topic.STATE), 100);
      Subscription configs = tunnels.events().subscribe(Set.of(Topic.CONFIG), 100);

      NetworkStatus _ = tunnels.connect("default");
      var _ = tunnels.reload(world.networks(text + "mtu = 1300\n"));
      NetworkStatus _ = tunnels.disconnect("default");
      world.platform.refuse("tun");
      assertThatThrownBy(() -> tunnels.connect("default")).isInstanceOf(TunnelException.class);

      assertThat(drain(states))
          .extracting(event -> event.data().get("to"))
          .containsExactly("starting", "active", "stopping", "stopped", "starting", "error");
      TunnelEvent config = configs.poll().orElseThrow();
      assertThat(config.network()).isEqualTo("default");
      assertThat(config.data())
          .containsEntry("action", "update")
          .containsEntry("changed", List.of("mtu"));
    }
  }

  private static TunnelEvent event(Topic topic, int number) {
    return new TunnelEvent(topic, "default", Optional.empty(), Instant.EPOCH, Map.of("n", number));
  }

  private static List<Object> numbers(Subscription subscription) {
    List<Object> numbers = new ArrayList<>();
    drain(subscription).forEach(event -> numbers.add(event.data().get("n")));
    return numbers;
  }

  private static List<TunnelEvent> drain(Subscription subscription) {
    List<TunnelEvent> drained = new ArrayList<>();
    for (Optional<TunnelEvent> next = subscription.poll();
        next.isPresent();
        next = subscription.poll()) {
      drained.add(next.get());
    }
    return drained;
  }
}
