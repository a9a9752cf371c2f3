package cloud.runbeam.wgagent.platform.windows;

import cloud.runbeam.wgagent.platform.api.AbsentPlatform;
import cloud.runbeam.wgagent.platform.api.OperatingSystem;

/** The plugin for Windows: its probe says that this version does not drive that system yet. */
public final class WindowsPlatform extends AbsentPlatform {
  /** For {@link java.util.ServiceLoader}. */
  public WindowsPlatform() {
    this(OperatingSystem.current());
  }

  WindowsPlatform(OperatingSystem current) {
    super(
        "windows",
        OperatingSystem.WINDOWS,
        current,
        "run wg-agent on Linux, or use a release whose notes list Windows");
  }
}
