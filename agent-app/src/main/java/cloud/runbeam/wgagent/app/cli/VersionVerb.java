package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.device.InstalledPlatform;
import cloud.runbeam.wgagent.engine.crypto.AeadProviders;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformProbe;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code version}: what runs here, on what, and which choices it made for this machine. */
@Command(
    name = "version",
    description = "Print version, commit, Java, platform and the cipher in use.")
final class VersionVerb implements Callable<Integer> {
  private final Terminal terminal;

  VersionVerb(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    BuildInfo build = BuildInfo.read();
    terminal.out().println("wg-agent " + build.version() + " (" + build.commit() + ")");
    terminal
        .out()
        .println("java     " + Runtime.version() + " (" + System.getProperty("java.vendor") + ")");
    terminal
        .out()
        .println(
            "system   "
                + System.getProperty("os.name")
                + " "
                + System.getProperty("os.version")
                + " "
                + System.getProperty("os.arch"));
    terminal.out().println("platform " + platform());
    terminal.out().println("cipher   " + AeadProviders.best().name());
    return 0;
  }

  private static String platform() {
    try {
      var plugin = InstalledPlatform.find();
      PlatformProbe probe = plugin.probe();
      String reasons = probe.reasons().isEmpty() ? "" : ": " + String.join("; ", probe.reasons());
      return plugin.name() + (probe.usable() ? ", usable" : ", not usable") + reasons;
    } catch (PlatformException e) {
      return e.action() + ": " + e.advice();
    }
  }
}
