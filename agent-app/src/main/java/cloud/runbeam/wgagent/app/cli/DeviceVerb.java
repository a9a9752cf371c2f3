package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.device.BareDevice;
import cloud.runbeam.wgagent.app.device.InstalledPlatform;
import cloud.runbeam.wgagent.app.device.Stopping;
import cloud.runbeam.wgagent.app.uapi.UapiListener;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.util.List;
import java.util.Optional;

/**
 * {@code device}: one bare device, as {@code wireguard-go IFNAME} makes one.
 *
 * <pre>
 *   foreground:  this process is the device until a signal, the interface's or the socket's end
 *   background:  a child process is the device; this one ends when the device is ready or has failed
 * </pre>
 */
final class DeviceVerb implements Verb {
  private static final VerbSyntax.Option FOREGROUND =
      new VerbSyntax.Option(
          "--foreground",
          Optional.of("-f"),
          Optional.empty(),
          "stay in the foreground (also with WG_PROCESS_FOREGROUND=1)");

  private final Terminal terminal;
  private final ProcessEnvironment environment;

  DeviceVerb(Terminal terminal, ProcessEnvironment environment) {
    this.terminal = terminal;
    this.environment = environment;
  }

  @Override
  public VerbSyntax syntax() {
    return new VerbSyntax(
        "device",
        "Run one bare device, to be configured with wg; return when it is ready.",
        Optional.of(
            new VerbSyntax.Operand(
                "IFNAME", true, "the interface, 1 to 15 characters of A-Z a-z 0-9 _ = + . -")),
        List.of(FOREGROUND));
  }

  @Override
  public int run(Arguments arguments) throws PlatformException {
    if (arguments.has(FOREGROUND.name())
        || environment.foreground()
        || environment.launcherWaits()) {
      return run(arguments.requiredOperand());
    }
    return BackgroundProcess.start(terminal.err());
  }

  private int run(String name) throws PlatformException {
    BareDevice opened =
        BareDevice.open(
            InstalledPlatform.find(), name, UapiListener.DIRECTORY, problem -> warn(name, problem));
    try (Stopping<BareDevice> running = Stopping.atExit(opened, () -> say(name, "stopped"))) {
      BareDevice device = running.get();
      say(name, "ready; configure it with: wg set " + device.name() + " ...");
      if (environment.launcherWaits()) {
        BackgroundProcess.announceReady(terminal, environment.logging());
      }
      BareDevice.End end = device.ended().join();
      say(name, "ends: " + end.reason());
      return end.failed() ? fail(name, end.reason()) : 0;
    }
  }

  private void say(String name, String what) {
    if (environment.verbose()) {
      terminal.err().println("(" + name + ") " + what);
    }
  }

  private void warn(String name, String problem) {
    if (!environment.silent()) {
      terminal.err().println("(" + name + ") " + problem);
    }
  }

  private int fail(String name, String reason) {
    terminal.err().println("wg-agent: " + name + " failed: " + reason);
    return Verbs.FAILED;
  }
}
