package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.device.InstalledPlatform;
import cloud.runbeam.wgagent.engine.crypto.AeadProviders;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformProbe;

/** {@code version}: what runs here, on what, and which choices it made for this machine. */
final class VersionVerb implements Verb {
  private final Terminal terminal;

  VersionVerb(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public VerbSyntax syntax() {
    return VerbSyntax.bare(
        "version", "Print version, commit, Java, platform and the cipher in use.");
  }

  @Override
  public int run(Arguments arguments) {
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
    terminal
        .out()
        .println(
            "cipher   "
                + AeadProviders.best().name()
                + AeadProviders.fallbackReason().map(reason -> " (" + reason + ")").orElse(""));
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
