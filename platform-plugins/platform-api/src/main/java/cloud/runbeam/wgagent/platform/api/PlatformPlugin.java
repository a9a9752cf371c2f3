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
}
