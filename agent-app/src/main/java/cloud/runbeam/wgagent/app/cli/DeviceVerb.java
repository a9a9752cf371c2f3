package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.device.BareDevice;
import cloud.runbeam.wgagent.app.device.InstalledPlatform;
import cloud.runbeam.wgagent.app.device.Stopping;
import cloud.runbeam.wgagent.app.uapi.UapiListener;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code device}: one bare device, as {@code wireguard-go IFNAME} makes one.
 *
 * <pre>
 *   foreground:  this process is the device until a signal, the interface's or the socket's end
 *   background:  a child process is the device; this one ends when the device is ready or has failed
 * </pre>
 */
@Command(
    name = "device",
    description = "Run one bare device, to be configured with wg; return when it is ready.")
final class DeviceVerb implements Callable<Integer> {
  private final Terminal terminal;
  private final ProcessEnvironment environment;

  @Option(
      names = {"-f", "--foreground"},
      description = "Stay in the foreground (also with WG_PROCESS_FOREGROUND=1).")
  private boolean foreground;

  @Parameters(
      index = "0",
      paramLabel = "IFNAME",
      description = "Name of the interface, 1 to 15 characters of A-Z a-z 0-9 _ = + . -")
  private String name = "";

  DeviceVerb(Terminal terminal, ProcessEnvironment environment) {
    this.terminal = terminal;
    this.environment = environment;
  }

  @Override
  public Integer call() throws PlatformException {
    if (foreground || environment.foreground() || environment.launcherWaits()) {
      return run();
    }
    return BackgroundProcess.start(terminal.err());
  }

  private int run() throws PlatformException {
    BareDevice opened = BareDevice.open(InstalledPlatform.find(), name, UapiListener.DIRECTORY);
    try (Stopping<BareDevice> running = Stopping.atExit(opened, () -> say("stopped"))) {
      BareDevice device = running.get();
      say("ready; configure it with: wg set " + device.name() + " ...");
      if (environment.launcherWaits()) {
        BackgroundProcess.announceReady(terminal, environment.logging());
      }
      BareDevice.End end = device.ended().join();
      say("ends: " + end.reason());
      return end.failed() ? fail(end.reason()) : 0;
    }
  }

  private void say(String what) {
    if (environment.verbose()) {
      terminal.err().println("(" + name + ") " + what);
    }
  }

  private int fail(String reason) {
    terminal.err().println("wg-agent: " + name + " failed: " + reason);
    return 1;
  }
}
