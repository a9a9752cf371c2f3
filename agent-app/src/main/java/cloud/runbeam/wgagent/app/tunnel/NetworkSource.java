package cloud.runbeam.wgagent.app.tunnel;

import java.util.Locale;

/** Where a network's settings come from. */
public enum NetworkSource {
  /** The configuration file. */
  FILE,
  /** The control API, in this run of the agent or kept from a former one. */
  API;

  /** As in the control API: {@code file}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
