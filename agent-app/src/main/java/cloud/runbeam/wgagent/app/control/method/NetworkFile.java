package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.config.ConfigResult;

/** The configuration file, read again whenever somebody asks. Any thread. */
@FunctionalInterface
public interface NetworkFile {
  /** What it says now; changes nothing. */
  ConfigResult read();
}
