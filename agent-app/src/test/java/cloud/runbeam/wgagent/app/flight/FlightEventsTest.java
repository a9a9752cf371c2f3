package cloud.runbeam.wgagent.app.flight;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.app.tunnel.Snapshots;
import cloud.runbeam.wgagent.app.tunnel.Topic;
import cloud.runbeam.wgagent.app.tunnel.TunnelEvent;
import cloud.runbeam.wgagent.engine.counters.DropReason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlightEventsTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private final FlightEvents flight = new FlightEvents();

  @Test
  void recordsWhatHappensToNetworks(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("flight.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("cloud.runbeam.wgagent.*");
      recording.start();
      tell(Topic.HANDSHAKE, Optional.of("core"), Map.of("completed", 7L, "round_trip_ms", 12.5));
      tell(Topic.STATE, Optional.empty(), Map.of("from", "starting", "to", "active"));
      tell(Topic.CONFIG, Optional.empty(), Map.of("peers_added", List.of("laptop")));
      tell(Topic.ENDPOINT, Optional.of("core"), Map.of("endpoint", "192.0.2.1:1"));
      DropBursts bursts = new DropBursts();
      bursts.look(List.of(Snapshots.active(Snapshots.dropping("core", 5))));
      bursts.look(List.of(Snapshots.active(Snapshots.dropping("core", 4 + DropBursts.BURST))));
      bursts.look(List.of(Snapshots.active(Snapshots.dropping("core", 4 + 2 * DropBursts.BURST))));
      recording.stop();
      recording.dump(file);
    }

    List<RecordedEvent> events =
        RecordingFile.readAllEvents(file).stream()
            .filter(event -> event.getEventType().getName().startsWith("cloud.runbeam.wgagent."))
            .toList();
    assertThat(events)
        .extracting(event -> event.getEventType().getName().substring(22))
        .containsExactlyInAnyOrder("Handshake", "State", "Reload", "Other", "DropBurst");
    RecordedEvent handshake = find(events, "Handshake");
    assertThat(handshake.getString("network")).isEqualTo("office");
    assertThat(handshake.getString("peer")).isEqualTo("core");
    assertThat(handshake.getDouble("roundTripMs")).isEqualTo(12.5);
    assertThat(handshake.getLong("completed")).isEqualTo(7);
    assertThat(find(events, "State").getString("detail")).contains("to=active");
    assertThat(find(events, "Reload").getString("detail")).contains("laptop");
    RecordedEvent burst = find(events, "DropBurst");
    assertThat(burst.getString("reason"))
        .isEqualTo(DropReason.REPLAYED_COUNTER.name().toLowerCase(Locale.ROOT));
    assertThat(burst.getLong("packets")).isEqualTo(DropBursts.BURST);
  }

  private void tell(Topic topic, Optional<String> peer, Map<String, Object> data) {
    flight.accept(new TunnelEvent(topic, "office", peer, NOW, data));
  }

  private static RecordedEvent find(List<RecordedEvent> events, String name) {
    return events.stream()
        .filter(event -> event.getEventType().getName().endsWith("." + name))
        .findFirst()
        .orElseThrow();
  }
}
