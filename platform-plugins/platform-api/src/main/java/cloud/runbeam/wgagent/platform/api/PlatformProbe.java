package cloud.runbeam.wgagent.platform.api;

import java.util.List;

/**
 * Whether a platform can be used here.
 *
 * @param usable whether a tunnel can be expected to work
 * @param reasons when not usable: each thing that is missing with what to do about it, fit for an
 *     operator; when usable: remarks, or empty
 */
public record PlatformProbe(boolean usable, List<String> reasons) {
  /** Copies the list. */
  public PlatformProbe {
    reasons = List.copyOf(reasons);
  }

  /** Everything is there. */
  public static PlatformProbe ready() {
    return new PlatformProbe(true, List.of());
  }

  /** Something is missing. */
  public static PlatformProbe unusable(String... reasons) {
    return new PlatformProbe(false, List.of(reasons));
  }
}
