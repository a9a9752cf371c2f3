package cloud.runbeam.wgagent.platform.api;

import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.engine.io.MemoryGuard;
import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.engine.io.OffloadState;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.engine.io.WallClock;
import java.util.List;

/**
 * One operating system. Found by {@link java.util.ServiceLoader} (verbs without Spring) and as a
 * conditional bean (the agent). Any thread.
 */
public interface PlatformPlugin {
  /** Short name: {@code linux}, {@code macos}, {@code windows}. */
  String name();

  /** Whether it can be used on this machine now; never throws. */
  PlatformProbe probe();

  /**
   * What this machine would do for a device, as far as that can be found without making one; the
   * rest is found by the device itself ({@link TunDevice#offloads}). Never throws.
   */
  default List<OffloadState> offloads() {
    return List.of();
  }

  /**
   * Creates a TUN device. It vanishes with {@link TunDevice#close} or with the process.
   *
   * @param name 1 to 15 characters of {@code [A-Za-z0-9_=+.-]}
   * @param mtuBytes initial MTU, 576 to 65,535 as far as the system allows
   */
  TunDevice createTun(String name, int mtuBytes) throws PlatformException;

  /** Opens UDP sockets. */
  UdpTransport.Provider udp();

  /** A clock that counts suspend. */
  MonotonicClock monotonicClock();

  /** The time of day. */
  WallClock wallClock();

  /** The system's random bytes. */
  EntropySource entropy();

  /** Protection of key memory. */
  MemoryGuard memoryGuard();

  /** Addresses, MTU, link state. */
  InterfaceSetup interfaces();

  /** Routes. */
  RouteTable routes();

  /** Rights of this process and of the callers on its sockets. */
  Privileges privileges();

  /** Which process is at the other end of a local socket. */
  default PeerCredentials peerCredentials() {
    return PeerCredentials.NONE;
  }

  /** Sockets that the service manager opened for this process. */
  default InheritedSockets inheritedSockets() {
    return InheritedSockets.NONE;
  }

  /** Who may connect to a socket file. */
  default SocketAccess socketAccess() {
    return SocketAccess.NONE;
  }

  /** The service manager that started this process. */
  default ServiceNotifier serviceNotifier() {
    return ServiceNotifier.NONE;
  }

  /** Users and groups, to tell what a caller may do. */
  default Accounts accounts() {
    return Accounts.NONE;
  }

  /** Memory of this process. */
  default ProcessMemory processMemory() {
    return ProcessMemory.NONE;
  }

  /** Rules that choose a routing table. */
  default PolicyRouting policyRouting() {
    return PolicyRouting.NONE;
  }

  /** The firewall that lets nothing leave outside tunnels. */
  default KillSwitch killSwitch() {
    return KillSwitch.NONE;
  }

  /**
   * Text that stays the same as long as settings of the network can outlive the process that made
   * them: another boot and another network namespace have another one. Empty where that cannot be
   * told.
   */
  default String networkEpoch() {
    return "";
  }

  /** The system's name servers. */
  default DnsSettings dns() {
    return DnsSettings.NONE;
  }

  /** News about the system's network. */
  default NetworkMonitor networkMonitor() {
    return NetworkMonitor.NONE;
  }

  /** What the system would do with a packet. */
  default HostFacts facts() {
    return HostFacts.NONE;
  }

  /** Echo requests. */
  default Echoes echoes() {
    return Echoes.NONE;
  }
}
