package cloud.runbeam.wgagent.platform.macos;

import cloud.runbeam.wgagent.platform.api.AbsentPlatform;
import cloud.runbeam.wgagent.platform.api.OperatingSystem;

/** The plugin for macOS: its probe says that this version does not drive that system yet. */
public final class MacosPlatform extends AbsentPlatform {
  /** For {@link java.util.ServiceLoader}. */
  public MacosPlatform() {
    this(OperatingSystem.current());
  }

  MacosPlatform(OperatingSystem current) {
    super(
        "macos",
        OperatingSystem.MACOS,
        current,
        "run wg-agent on Linux, or use a release whose notes list macOS");
  }
}
