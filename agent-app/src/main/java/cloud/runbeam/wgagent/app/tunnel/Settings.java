package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.NetworkConfig;

/**
 * What a network shall be.
 *
 * @param config everything about it
 * @param source where that comes from
 * @param persistent whether it is kept in the state directory
 * @param inFile whether the configuration file has a network of this name, whatever the source
 */
record Settings(NetworkConfig config, NetworkSource source, boolean persistent, boolean inFile) {
  static Settings ofFile(NetworkConfig config) {
    return new Settings(config, NetworkSource.FILE, false, true);
  }

  /** What they are after the file was read again: settings that are kept stay. */
  Settings reloadedFrom(NetworkConfig fileConfig) {
    return persistent ? new Settings(config, source, true, true) : ofFile(fileConfig);
  }

  /** What they are after somebody gave others over the API. */
  Settings replacedBy(NetworkConfig next) {
    return new Settings(next, NetworkSource.API, persistent, inFile);
  }
}
