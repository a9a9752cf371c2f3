package cloud.runbeam.wgagent.app.host;

import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PolicyRouting;
import java.util.HashSet;
import java.util.Set;

/**
 * The one switch of this machine that lets source addresses be checked by mark. The first network
 * that needs it sets it, the last one sets it back. Any thread.
 */
final class MarkedSources {
  private final PolicyRouting routing;
  private final Set<String> needers = new HashSet<>();
  private boolean before;

  MarkedSources(PolicyRouting routing) {
    this.routing = routing;
  }

  /** How it stood before any network of this agent needed it. */
  synchronized boolean before() throws PlatformException {
    return needers.isEmpty() ? routing.checksSourcesByMark() : before;
  }

  /** Sets it, if it is not. */
  synchronized void need(String network, boolean stoodBefore) throws PlatformException {
    if (!routing.checksSourcesByMark()) {
      routing.setChecksSourcesByMark(true);
    }
    if (needers.isEmpty()) {
      before = stoodBefore;
    }
    needers.add(network);
  }

  /** Sets it back, if nobody needs it, it was off before, and nobody else has set it off since. */
  synchronized void release(String network, boolean stoodBefore) throws PlatformException {
    needers.remove(network);
    if (needers.isEmpty() && !stoodBefore && routing.checksSourcesByMark()) {
      routing.setChecksSourcesByMark(false);
    }
  }
}
