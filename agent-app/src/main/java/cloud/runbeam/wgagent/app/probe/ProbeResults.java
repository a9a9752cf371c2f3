package cloud.runbeam.wgagent.app.probe;

import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import java.util.Optional;

/** What probing found, for status, health and metrics. Any thread; never waits. */
@FunctionalInterface
public interface ProbeResults {
  /** Nobody is probed. */
  ProbeResults NONE = (network, peer) -> Optional.empty();

  /** The latest of a peer; empty if it is not probed, or not yet. */
  Optional<ProbeResult> of(String network, PublicKey peer);
}
