package cloud.runbeam.wgagent.app.selftest;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.io.OffloadState;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import cloud.runbeam.wgagent.platform.api.PlatformProbe;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What this host offers a tunnel. An interface is made for a moment where that is allowed. */
final class HostChecks {
  private static final String GROUP = "host";

  /** Where system tools are, whatever the search path of the user says. */
  private static final List<String> SYSTEM_PATH = List.of("/usr/sbin", "/sbin", "/usr/bin", "/bin");

  private static final Map<String, String> LINUX_TOOLS = linuxTools();

  private final PlatformPlugin platform;
  private final Map<String, String> variables;

  HostChecks(PlatformPlugin platform, Map<String, String> variables) {
    this.platform = platform;
    this.variables = variables;
  }

  private static Map<String, String> linuxTools() {
    Map<String, String> tools = new LinkedHashMap<>();
    tools.put("nft", "kill_switch needs it: install nftables");
    tools.put("resolvectl", "DNS goes by resolvconf or /etc/resolv.conf, without split domains");
    tools.put("wg", "not needed; shows the same tunnels: install wireguard-tools");
    return tools;
  }

  void run(CheckRun run) {
    run.prefer(GROUP, "platform", this::probe);
    run.prefer(GROUP, "rights", this::rights);
    run.prefer(GROUP, "TUN device", this::tun);
    run.require(GROUP, "UDP socket", this::udp);
    run.prefer(GROUP, "memory lock", this::memoryLock);
    for (OffloadState offload : platform.offloads()) {
      run.prefer(GROUP, "offload " + offload.kind(), () -> offload(offload));
    }
    if (platform.name().equals("linux")) {
      LINUX_TOOLS.forEach(
          (tool, otherwise) -> run.prefer(GROUP, tool, () -> tool(tool, otherwise)));
    }
  }

  private String probe() throws CheckFailedException {
    PlatformProbe probe = platform.probe();
    String reasons = String.join("; ", probe.reasons());
    if (!probe.usable()) {
      throw new CheckFailedException(reasons);
    }
    return platform.name() + (reasons.isEmpty() ? "" : ": " + reasons);
  }

  private String rights() throws CheckFailedException {
    String user = platform.privileges().currentUser();
    if (!platform.privileges().canAdministerNetwork()) {
      throw new CheckFailedException(
          "user " + user + " may not create interfaces: run the agent as a service or as root");
    }
    return "user " + user + " may create interfaces and change routes";
  }

  private String tun() throws PlatformException, CheckFailedException {
    if (!platform.privileges().canAdministerNetwork()) {
      throw new CheckFailedException("not tried without the right to");
    }
    String name = "wgst" + ProcessHandle.current().pid() % 1_000_000_000;
    try (TunDevice tun = platform.createTun(name, Party.MTU_BYTES)) {
      List<String> offloads =
          tun.offloads().stream().map(offload -> offload.kind() + " " + offload.text()).toList();
      return "created and removed " + tun.name() + tunText(offloads);
    }
  }

  private static String tunText(List<String> offloads) {
    return offloads.isEmpty() ? "" : "; " + String.join("; ", offloads);
  }

  private String udp() throws CheckFailedException {
    try (UdpTransport transport = platform.udp().open(0, 0)) {
      return "bound port " + transport.localPort() + " and closed it";
    } catch (IOException e) {
      throw new CheckFailedException(String.valueOf(e.getMessage()));
    }
  }

  private String memoryLock() throws CheckFailedException {
    try (KeyArena arena = new KeyArena(platform.memoryGuard(), 1)) {
      Optional<String> failure = arena.protectionFailure();
      if (failure.isPresent()) {
        throw new CheckFailedException(failure.get());
      }
      return "keys stay in RAM and out of core dumps";
    }
  }

  private static String offload(OffloadState offload) throws CheckFailedException {
    if (!offload.on()) {
      throw new CheckFailedException(offload.text());
    }
    return offload.text();
  }

  private String tool(String name, String otherwise) throws CheckFailedException {
    List<String> directories = new ArrayList<>(SYSTEM_PATH);
    directories.addAll(
        0, List.of(variables.getOrDefault("PATH", "").split(File.pathSeparator, -1)));
    for (String directory : directories) {
      try {
        Path file = Path.of(directory, name);
        if (!directory.isEmpty() && Files.isExecutable(file)) {
          return file.toString();
        }
      } catch (InvalidPathException _) {
        // An entry of PATH that names no directory.
      }
    }
    throw new CheckFailedException("not found: " + otherwise);
  }
}
