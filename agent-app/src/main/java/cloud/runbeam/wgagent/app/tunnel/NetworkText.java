package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.NetworkConfig;

/** Writes a network as the configuration file would have it. */
@FunctionalInterface
public interface NetworkText {
  /** A whole TOML document that reads back as {@code config} alone. */
  String toToml(NetworkConfig config);
}
