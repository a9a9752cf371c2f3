package cloud.runbeam.wgagent.platform.api;

import java.util.List;
import java.util.Optional;

/**
 * The firewall that lets nothing leave this machine but through tunnels. It stands by itself: it
 * outlives the process that raised it. Any thread; calls block while the firewall is changed.
 */
public interface KillSwitch {
  /** A system without one. */
  KillSwitch NONE =
      new KillSwitch() {
        @Override
        public void enforce(String name, List<Tunnel> tunnels) throws PlatformException {
          throw new PlatformException(
              "cannot raise the kill switch",
              "there is none for this system yet",
              "set kill_switch = false, and block with a firewall if you depend on it");
        }

        @Override
        public void lift(String name) {
          // None was ever raised.
        }

        @Override
        public boolean stands(String name) {
          return false;
        }

        @Override
        public Optional<String> leak(String name, List<Tunnel> tunnels) {
          return Optional.of("there is no kill switch for this system yet");
        }
      };

  /**
   * Lets packets leave through these tunnels and as outer packets of theirs, besides what keeps the
   * machine on its network (loopback, DHCP, neighbour discovery); everything else is dropped.
   * Replaces what stood under the name in one step, so that there is no moment without.
   *
   * @param name tells this agent's from others'; {@code [A-Za-z0-9_]}, up to 63 characters
   * @param tunnels at least one; their interfaces need not exist yet
   */
  void enforce(String name, List<Tunnel> tunnels) throws PlatformException;

  /** Takes it away; nothing there is no error. */
  void lift(String name) throws PlatformException;

  /** Whether anything stands under that name. */
  boolean stands(String name) throws PlatformException;

  /**
   * Reads back what stands and compares it with what {@link #enforce} would make.
   *
   * @return the first gap in words, or empty when there is none
   */
  Optional<String> leak(String name, List<Tunnel> tunnels) throws PlatformException;

  /**
   * One tunnel that may be used.
   *
   * @param interfaceName its interface
   * @param mark of its outer packets, not 0
   * @param allowLan whether private and link-local destinations stay reachable; they do only if
   *     every tunnel says so
   */
  record Tunnel(String interfaceName, int mark, boolean allowLan) {}
}
