package cloud.runbeam.wgagent.app.diagnostics;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.engine.WireGuardEngine;
import cloud.runbeam.wgagent.engine.io.OffloadState;
import cloud.runbeam.wgagent.engine.io.WallClock;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Makes archives of a running agent. Any thread. */
public final class Diagnostics {
  private final WireGuardEngine engine;
  private final WallClock clock;
  private final ArchiveDirectory directory;
  private final List<Section> sections;

  /**
   * Diagnostics of an agent.
   *
   * @param config as it was when the agent started
   * @param stateDirectory where archives are kept, in {@code diag}
   * @param more sections of the application, put before those of process and host
   */
  public Diagnostics(
      AgentConfig config,
      WireGuardEngine engine,
      PlatformPlugin platform,
      RecentLog log,
      Path stateDirectory,
      List<Section> more) {
    this.engine = engine;
    this.clock = platform.wallClock();
    this.directory = new ArchiveDirectory(stateDirectory.resolve("diag"));
    List<Section> all = new ArrayList<>(more);
    all.add(Section.text("config.txt", () -> ConfigReport.text(config)));
    all.add(Section.text("devices.txt", () -> devices(engine)));
    all.add(Section.text("log.txt", log::text));
    all.add(Section.text("host.txt", HostCommands.of(platform.name())::text));
    all.add(Section.text("offloads.txt", () -> offloads(platform)));
    all.add(Section.text("process.txt", ProcessReport::text));
    all.add(Section.text("threads.txt", ProcessReport::threads));
    all.add(new Section("flight.jfr", () -> FlightRecording.content(stateDirectory)));
    this.sections = List.copyOf(all);
  }

  /** Makes an archive in memory. */
  public DiagnosticArchive collect() throws SecretFoundException, IOException {
    return DiagnosticArchive.collect(sections, engine.keys(), clock.now());
  }

  /** Keeps an archive in the state directory, mode 0600; returns its path. */
  public Path keep(DiagnosticArchive archive) throws IOException {
    return directory.write(archive);
  }

  private static String devices(WireGuardEngine engine) {
    StringBuilder text = new StringBuilder("aead: " + engine.aeadName() + "\n");
    text.append("clock: ").append(engine.clock()).append('\n');
    text.append("keys in use: ").append(engine.keys().keysInUse()).append('\n');
    text.append("key memory: ")
        .append(engine.keys().protectionFailure().orElse("locked in RAM"))
        .append('\n');
    engine
        .devices()
        .forEach(device -> {
          DeviceSnapshot snapshot = device.snapshot();
          text.append("\ndevice ").append(snapshot.interfaceName()).append('\n');
          text.append("  up: ").append(snapshot.up());
          text.append(", port: ").append(snapshot.listenPort());
          text.append(", fwmark: ").append(snapshot.fwmark());
          text.append(", MTU: ").append(snapshot.mtuBytes()).append('\n');
          text.append("  problem: ").append(snapshot.problem().orElse("none")).append('\n');
          text.append("  drops: ").append(snapshot.drops()).append('\n');
          text.append("  buffers: ").append(snapshot.buffers()).append('\n');
          snapshot
              .offloads()
              .forEach(offload -> text.append("  offload ").append(text(offload)).append('\n'));
          snapshot.peers().forEach(peer -> text.append("  ").append(peer).append('\n'));
        });
    return text.toString();
  }

  private static String offloads(PlatformPlugin platform) {
    StringBuilder text = new StringBuilder("probe: " + platform.probe() + "\n");
    platform.offloads().forEach(offload -> text.append(text(offload)).append('\n'));
    return text.toString();
  }

  private static String text(OffloadState offload) {
    return offload.kind() + " " + offload.text();
  }
}
