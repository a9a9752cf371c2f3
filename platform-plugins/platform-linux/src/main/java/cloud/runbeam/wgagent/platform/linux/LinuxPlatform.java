package cloud.runbeam.wgagent.platform.linux;

import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.engine.io.MemoryGuard;
import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.engine.io.OffloadState;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.engine.io.WallClock;
import cloud.runbeam.wgagent.platform.api.Accounts;
import cloud.runbeam.wgagent.platform.api.DnsSettings;
import cloud.runbeam.wgagent.platform.api.Echoes;
import cloud.runbeam.wgagent.platform.api.HostFacts;
import cloud.runbeam.wgagent.platform.api.InheritedSockets;
import cloud.runbeam.wgagent.platform.api.InterfaceSetup;
import cloud.runbeam.wgagent.platform.api.KillSwitch;
import cloud.runbeam.wgagent.platform.api.NetworkMonitor;
import cloud.runbeam.wgagent.platform.api.PeerCredentials;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import cloud.runbeam.wgagent.platform.api.PlatformProbe;
import cloud.runbeam.wgagent.platform.api.PolicyRouting;
import cloud.runbeam.wgagent.platform.api.Privileges;
import cloud.runbeam.wgagent.platform.api.ProcessMemory;
import cloud.runbeam.wgagent.platform.api.RouteTable;
import cloud.runbeam.wgagent.platform.api.ServiceNotifier;
import cloud.runbeam.wgagent.platform.api.SocketAccess;
import cloud.runbeam.wgagent.platform.linux.dns.LinuxDns;
import cloud.runbeam.wgagent.platform.linux.echo.LinuxEchoes;
import cloud.runbeam.wgagent.platform.linux.facts.LinuxFacts;
import cloud.runbeam.wgagent.platform.linux.firewall.LinuxPolicyRouting;
import cloud.runbeam.wgagent.platform.linux.firewall.NftKillSwitch;
import cloud.runbeam.wgagent.platform.linux.netlink.NetlinkInterfaces;
import cloud.runbeam.wgagent.platform.linux.netlink.NetlinkMonitor;
import cloud.runbeam.wgagent.platform.linux.netlink.NetlinkRoutes;
import cloud.runbeam.wgagent.platform.linux.service.LinuxAccounts;
import cloud.runbeam.wgagent.platform.linux.service.LinuxPeerCredentials;
import cloud.runbeam.wgagent.platform.linux.service.LinuxSocketAccess;
import cloud.runbeam.wgagent.platform.linux.service.SystemdNotifier;
import cloud.runbeam.wgagent.platform.linux.service.SystemdSockets;
import cloud.runbeam.wgagent.platform.linux.tun.TunFactory;
import cloud.runbeam.wgagent.platform.linux.udp.LinuxUdp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * The plugin for Linux. Making one costs nothing: the C library is linked by the first call that
 * needs it. Any thread.
 */
public final class LinuxPlatform implements PlatformPlugin {
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  private static final Path NETWORK_NAMESPACE = Path.of("/proc/thread-self/ns/net");

  private final OffloadChoice offloads;
  private final KillSwitch killSwitch = new NftKillSwitch();

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
  public PeerCredentials peerCredentials() {
    return new LinuxPeerCredentials();
  }

  @Override
  public InheritedSockets inheritedSockets() {
    return new SystemdSockets(System.getenv(), ProcessHandle.current().pid());
  }

  @Override
  public SocketAccess socketAccess() {
    return new LinuxSocketAccess();
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

  @Override
  public DnsSettings dns() {
    return new LinuxDns();
  }

  @Override
  public NetworkMonitor networkMonitor() {
    return new NetlinkMonitor();
  }

  @Override
  public HostFacts facts() {
    return new LinuxFacts();
  }

  @Override
  public PolicyRouting policyRouting() {
    return new LinuxPolicyRouting();
  }

  @Override
  public KillSwitch killSwitch() {
    return killSwitch;
  }

  @Override
  public String networkEpoch() {
    try {
      return Files.readString(BOOT_ID).strip() + "/" + Files.readSymbolicLink(NETWORK_NAMESPACE);
    } catch (IOException unreadable) {
      return "";
    }
  }

  @Override
  public Echoes echoes() {
    return new LinuxEchoes();
  }
}
