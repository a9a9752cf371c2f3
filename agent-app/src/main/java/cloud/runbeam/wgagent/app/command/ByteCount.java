package cloud.runbeam.wgagent.app.command;

import java.util.Locale;

/** An amount of data for people. */
public final class ByteCount {
  private ByteCount() {}

  /** {@code 912 B}, {@code 1.4 KiB}, {@code 27.0 MiB}, {@code 3.1 GiB}. */
  public static String text(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double value = bytes / 1024.0;
    String unit = "KiB";
    if (value >= 1024) {
      value /= 1024;
      unit = "MiB";
    }
    if (value >= 1024) {
      value /= 1024;
      unit = "GiB";
    }
    return String.format(Locale.ROOT, "%.1f %s", value, unit);
  }
}
