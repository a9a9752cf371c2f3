package cloud.runbeam.wgagent.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/**
 * What the build wrote into {@code build.properties}.
 *
 * @param version the release, e.g. {@code 0.1.0}
 * @param commit abbreviated commit with {@code -dirty} where files were changed, or {@code unknown}
 *     outside a repository
 */
record BuildInfo(String version, String commit) {
  static BuildInfo read() {
    Properties properties = new Properties();
    try (InputStream in =
        Objects.requireNonNull(BuildInfo.class.getResourceAsStream("build.properties"))) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new BuildInfo(
        properties.getProperty("version", "unknown"), properties.getProperty("commit", "unknown"));
  }
}
