package cloud.runbeam.wgagent.app.flight;

import cloud.runbeam.wgagent.app.flight.NetworkFlightEvent.Handshake;
import cloud.runbeam.wgagent.app.flight.NetworkFlightEvent.Other;
import cloud.runbeam.wgagent.app.flight.NetworkFlightEvent.Reload;
import cloud.runbeam.wgagent.app.flight.NetworkFlightEvent.State;
import cloud.runbeam.wgagent.app.tunnel.TunnelEvent;
import java.util.function.Consumer;

/** Records what happens to networks. Any thread; costs a comparison while nobody records. */
public final class FlightEvents implements Consumer<TunnelEvent> {
  @Override
  public void accept(TunnelEvent event) {
    switch (event.topic()) {
      case HANDSHAKE -> {
        Handshake handshake = new Handshake();
        if (handshake.shouldCommit()) {
          if (event.data().get("round_trip_ms") instanceof Number ms) {
            handshake.roundTripMs = ms.doubleValue();
          }
          if (event.data().get("completed") instanceof Number count) {
            handshake.completed = count.longValue();
          }
          commit(handshake, event);
        }
      }
      case STATE -> commit(new State(), event);
      case CONFIG -> commit(new Reload(), event);
      case ENDPOINT, HEALTH, ROTATION -> {
        Other other = new Other();
        other.topic = event.topic().code();
        commit(other, event);
      }
    }
  }

  private static void commit(NetworkFlightEvent record, TunnelEvent event) {
    if (record.shouldCommit()) {
      record.network = event.network();
      record.peer = event.peer().orElse("");
      record.detail = event.data().toString();
      record.commit();
    }
  }
}
