package cloud.runbeam.wgagent.platform.api;

import java.util.Locale;

/** The operating systems that plugins exist for. */
public enum OperatingSystem {
  /** Linux, whatever the C library. */
  LINUX,
  /** macOS. */
  MACOS,
  /** Windows. */
  WINDOWS,
  /** None of them. */
  OTHER;

  private static final OperatingSystem CURRENT = of(System.getProperty("os.name", ""));

  /** The system this process runs on. */
  public static OperatingSystem current() {
    return CURRENT;
  }

  /** The system that Java's property {@code os.name} means by {@code osName}. */
  static OperatingSystem of(String osName) {
    String name = osName.toLowerCase(Locale.ROOT);
    if (name.startsWith("linux")) {
      return LINUX;
    }
    if (name.startsWith("mac") || name.startsWith("darwin")) {
      return MACOS;
    }
    return name.startsWith("windows") ? WINDOWS : OTHER;
  }
}
