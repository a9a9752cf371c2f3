package cloud.runbeam.wgagent.app.cli;

import cloud.runbeam.wgagent.app.device.InstalledPlatform;
import cloud.runbeam.wgagent.engine.crypto.AeadProviders;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
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
        "version", "Print version, commit, Java, platform, offloads and the cipher in use.");
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
    try {
      PlatformPlugin plugin = InstalledPlatform.find();
      terminal.out().println("platform " + platform(plugin));
      plugin
          .offloads()
          .forEach(offload ->
              terminal.out().println("offload  " + offload.kind() + " " + offload.text()));
    } catch (PlatformException e) {
      terminal.out().println("platform " + e.action() + ": " + e.advice());
    }
    terminal
        .out()
        .println(
            "cipher   "
                + AeadProviders.best().name()
                + AeadProviders.fallbackReason().map(reason -> " (" + reason + ")").orElse(""));
    return 0;
  }

  private static String platform(PlatformPlugin plugin) {
    PlatformProbe probe = plugin.probe();
    String reasons = probe.reasons().isEmpty() ? "" : ": " + String.join("; ", probe.reasons());
    return plugin.name() + (probe.usable() ? ", usable" : ", not usable") + reasons;
  }
}
