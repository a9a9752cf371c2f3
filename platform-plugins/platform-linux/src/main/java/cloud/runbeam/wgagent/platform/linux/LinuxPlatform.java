package cloud.runbeam.wgagent.platform.linux;

import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.engine.io.MemoryGuard;
import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.engine.io.OffloadState;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.engine.io.WallClock;
import cloud.runbeam.wgagent.platform.api.Accounts;
import cloud.runbeam.wgagent.platform.api.InterfaceSetup;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import cloud.runbeam.wgagent.platform.api.PlatformProbe;
import cloud.runbeam.wgagent.platform.api.Privileges;
import cloud.runbeam.wgagent.platform.api.ProcessMemory;
import cloud.runbeam.wgagent.platform.api.RouteTable;
import cloud.runbeam.wgagent.platform.api.ServiceNotifier;
import cloud.runbeam.wgagent.platform.linux.netlink.NetlinkInterfaces;
import cloud.runbeam.wgagent.platform.linux.netlink.NetlinkRoutes;
import cloud.runbeam.wgagent.platform.linux.service.LinuxAccounts;
import cloud.runbeam.wgagent.platform.linux.service.SystemdNotifier;
import cloud.runbeam.wgagent.platform.linux.tun.TunFactory;
import cloud.runbeam.wgagent.platform.linux.udp.LinuxUdp;
import java.time.Instant;
import java.util.List;

/**
 * The plugin for Linux. Making one costs nothing: the C library is linked by the first call that
 * needs it. Any thread.
 */
public final class LinuxPlatform implements PlatformPlugin {
  private final OffloadChoice offloads;

  /**
   * For {@link java.util.ServiceLoader}: with all offloads that the kernel has, unless {@code
   * WG_AGENT_OFFLOADS} in the environment says {@code off}, {@code tun} or {@code udp}.
   */
  public LinuxPlatform() {
    this(OffloadChoice.ofEnvironment());
  }

  LinuxPlatform(OffloadChoice offloads) {
    this.offloads = offloads;
  }

  @Override
  public String name() {
    return "linux";
  }

  @Override
  public PlatformProbe probe() {
    return new LinuxProbe(offloads).run();
  }

  @Override
  public List<OffloadState> offloads() {
    return new OffloadProbe(offloads).run();
  }

  @Override
  public TunDevice createTun(String name, int mtuBytes) throws PlatformException {
    return new TunFactory().create(name, mtuBytes, offloads.tunOptions());
  }

  @Override
  public UdpTransport.Provider udp() {
    return new LinuxUdp(offloads.udp());
  }

  @Override
  public MonotonicClock monotonicClock() {
    return new BootTimeClock();
  }

  @Override
  public WallClock wallClock() {
    return Instant::now;
  }

  @Override
  public EntropySource entropy() {
    return new KernelEntropy();
  }

  @Override
  public MemoryGuard memoryGuard() {
    return new PageGuard();
  }

  @Override
  public InterfaceSetup interfaces() {
    return new NetlinkInterfaces();
  }

  @Override
  public RouteTable routes() {
    return new NetlinkRoutes();
  }

  @Override
  public Privileges privileges() {
    return new LinuxPrivileges();
  }

  @Override
  public ServiceNotifier serviceNotifier() {
    return SystemdNotifier.of(
        System.getenv(), ProcessHandle.current().pid(), () -> System.nanoTime() / 1_000);
  }

  @Override
  public Accounts accounts() {
    return new LinuxAccounts();
  }

  @Override
  public ProcessMemory processMemory() {
    return new FilePages();
  }
}
