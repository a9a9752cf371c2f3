package cloud.runbeam.wgagent.app.flight;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** What an event of a network is recorded as; names are stable, files of recordings outlive us. */
@Category("wg-agent")
@StackTrace(false)
abstract class NetworkFlightEvent extends Event {
  @Label("Network")
  String network = "";

  @Label("Peer")
  @Description("Name of the peer; empty where it is about the whole network")
  String peer = "";

  @Label("Detail")
  String detail = "";

  /** A handshake with a peer completed. */
  @Name("cloud.runbeam.wgagent.Handshake")
  @Label("Handshake")
  static final class Handshake extends NetworkFlightEvent {
    @Label("Round Trip")
    @Description("Milliseconds from initiation to response; negative where the peer began")
    double roundTripMs = -1;

    @Label("Completed")
    @Description("Handshakes with this peer so far")
    long completed;
  }

  /** A network moved on in its life. */
  @Name("cloud.runbeam.wgagent.State")
  @Label("Network State")
  static final class State extends NetworkFlightEvent {}

  /** Settings of a running network changed. */
  @Name("cloud.runbeam.wgagent.Reload")
  @Label("Reload")
  static final class Reload extends NetworkFlightEvent {}

  /** Endpoints, rotations and health. */
  @Name("cloud.runbeam.wgagent.Other")
  @Label("Other Network Event")
  static final class Other extends NetworkFlightEvent {
    @Label("Topic")
    String topic = "";
  }

  /** Many packets were lost for one reason in a short time. */
  @Name("cloud.runbeam.wgagent.DropBurst")
  @Label("Drop Burst")
  static final class DropBurst extends NetworkFlightEvent {
    @Label("Reason")
    String reason = "";

    @Label("Packets")
    long packets;
  }
}
