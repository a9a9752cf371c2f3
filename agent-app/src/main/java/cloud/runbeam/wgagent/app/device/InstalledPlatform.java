package cloud.runbeam.wgagent.app.device;

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
    String system = System.getProperty("os.name", "unknown");
    String name = pluginName(system);
    for (PlatformPlugin plugin : ServiceLoader.load(PlatformPlugin.class)) {
      if (plugin.name().equals(name)) {
        return plugin;
      }
    }
    throw new PlatformException(
        "cannot use the network of this system",
        "this build has no plugin for " + system,
        "run wg-agent on Linux, macOS or Windows");
  }

  private static String pluginName(String system) {
    String lower = system.toLowerCase(Locale.ROOT);
    if (lower.startsWith("mac")) {
      return "macos";
    }
    return lower.startsWith("windows") ? "windows" : lower;
  }
}
