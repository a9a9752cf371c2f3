package cloud.runbeam.wgagent.app.device;

import cloud.runbeam.wgagent.platform.api.OperatingSystem;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.util.Locale;
import java.util.ServiceLoader;

/** Finds the plugin of the operating system that this process runs on, for verbs without Spring. */
public final class InstalledPlatform {
  private InstalledPlatform() {}

  /**
   * The plugin of this system, whatever its probe says.
   *
   * @throws PlatformException if this build has no plugin for the system
   */
  public static PlatformPlugin find() throws PlatformException {
    String name = OperatingSystem.current().name().toLowerCase(Locale.ROOT);
    for (PlatformPlugin plugin : ServiceLoader.load(PlatformPlugin.class)) {
      if (plugin.name().equals(name)) {
        return plugin;
      }
    }
    throw new PlatformException(
        "cannot use the network of this system",
        "this build has no plugin for " + System.getProperty("os.name"),
        "run wg-agent on Linux, macOS or Windows");
  }
}
