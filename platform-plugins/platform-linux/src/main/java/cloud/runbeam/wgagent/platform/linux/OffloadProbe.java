package cloud.runbeam.wgagent.platform.linux;

import cloud.runbeam.wgagent.engine.io.OffloadState;
import cloud.runbeam.wgagent.platform.linux.tun.TunFactory;
import cloud.runbeam.wgagent.platform.linux.udp.LinuxUdp;
import cloud.runbeam.wgagent.platform.linux.udp.LinuxUdpTransport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds which offloads this machine has without making a device: a UDP socket is opened and closed,
 * and the TUN driver is asked what it offers. Needs no rights beyond opening {@code /dev/net/tun}.
 */
final class OffloadProbe {
  private final OffloadChoice choice;
  private final TunFactory tuns;

  OffloadProbe(OffloadChoice choice) {
    this(choice, new TunFactory());
  }

  OffloadProbe(OffloadChoice choice, TunFactory tuns) {
    this.choice = choice;
    this.tuns = tuns;
  }

  List<OffloadState> run() {
    try {
      List<OffloadState> found = new ArrayList<>();
      found.add(tuns.offered(choice.tunOptions()));
      found.addAll(udp());
      return found;
    } catch (LinkageError | UnsupportedOperationException | IllegalCallerException refusal) {
      // LinuxProbe says what to do about it.
      return List.of();
    }
  }

  private List<OffloadState> udp() {
    try (LinuxUdpTransport transport = new LinuxUdp(choice.udp()).open(0, 0)) {
      return transport.offloads();
    } catch (IOException failure) {
      String why = String.valueOf(failure.getMessage());
      return List.of(
          new OffloadState(OffloadState.UDP_RECEIVE, false, why),
          new OffloadState(OffloadState.UDP_SEND, false, why));
    }
  }
}
