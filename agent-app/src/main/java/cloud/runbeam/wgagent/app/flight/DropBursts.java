package cloud.runbeam.wgagent.app.flight;

import cloud.runbeam.wgagent.app.flight.NetworkFlightEvent.DropBurst;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Notices when a network loses many packets for one reason between two looks, and records it. One
 * thread.
 */
public final class DropBursts {
  /** Losses between two looks that are worth a line. */
  static final long BURST = 100;

  private Map<String, Map<DropReason, Long>> before = Map.of();

  /** Looks at all networks. */
  public void look(List<NetworkStatus> networks) {
    Map<String, Map<DropReason, Long>> now = new HashMap<>();
    for (NetworkStatus network : networks) {
      network
          .device()
          .ifPresent(device -> {
            Map<DropReason, Long> sums = sums(device);
            now.put(network.name(), sums);
            Map<DropReason, Long> last = before.get(network.name());
            if (last != null) {
              sums.forEach((reason, count) ->
                  record(network.name(), reason, count - last.getOrDefault(reason, 0L)));
            }
          });
    }
    before = now;
  }

  private static Map<DropReason, Long> sums(DeviceSnapshot device) {
    Map<DropReason, Long> sums = new EnumMap<>(DropReason.class);
    device.drops().forEach((reason, count) -> sums.merge(reason, count, Long::sum));
    device
        .peers()
        .forEach(
            peer -> peer.drops().forEach((reason, count) -> sums.merge(reason, count, Long::sum)));
    return sums;
  }

  private static void record(String network, DropReason reason, long packets) {
    if (packets < BURST) {
      return;
    }
    DropBurst burst = new DropBurst();
    if (burst.shouldCommit()) {
      burst.network = network;
      burst.reason = reason.name().toLowerCase(Locale.ROOT);
      burst.packets = packets;
      burst.commit();
    }
  }
}
