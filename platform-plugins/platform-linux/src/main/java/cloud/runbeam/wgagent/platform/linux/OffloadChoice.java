package cloud.runbeam.wgagent.platform.linux;

import cloud.runbeam.wgagent.platform.linux.tun.TunOptions;
import java.util.List;
import java.util.Optional;

/**
 * Which offloads may be used, as the environment variable {@value #VARIABLE} says: {@code on} (or
 * absent) for all, {@code off} for none, {@code tun} or {@code udp} for one kind only. For
 * operators who suspect an offload of a driver, and for tests that force the ways around them.
 *
 * @param tun whether frames may be super-packets
 * @param udp whether datagrams may travel as trains
 * @param problem what was wrong with the variable, with what to do; all offloads are allowed then
 */
record OffloadChoice(boolean tun, boolean udp, Optional<String> problem) {
  static final String VARIABLE = "WG_AGENT_OFFLOADS";

  static final OffloadChoice ALL = new OffloadChoice(true, true, Optional.empty());

  /** What the environment of this process says. */
  static OffloadChoice ofEnvironment() {
    return parse(Optional.ofNullable(System.getenv(VARIABLE)).orElse(""));
  }

  static OffloadChoice parse(String text) {
    return switch (text) {
      case "", "on" -> ALL;
      case "off" -> new OffloadChoice(false, false, Optional.empty());
      case "tun" -> new OffloadChoice(true, false, Optional.empty());
      case "udp" -> new OffloadChoice(false, true, Optional.empty());
      default ->
          new OffloadChoice(
              true,
              true,
              Optional.of(
                  VARIABLE
                      + "="
                      + text
                      + " is not understood and all offloads are in use: set it to one of "
                      + List.of("on", "off", "tun", "udp")));
    };
  }

  /** How TUN devices are made. */
  TunOptions tunOptions() {
    return tun ? TunOptions.FASTEST : TunOptions.PLAIN;
  }
}
