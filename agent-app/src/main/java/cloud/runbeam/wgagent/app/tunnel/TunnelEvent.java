package cloud.runbeam.wgagent.app.tunnel;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Something that happened to a network. No secrets.
 *
 * @param topic what it is about
 * @param network the network's name
 * @param peer the peer's name, if it is about one
 * @param at when it was noticed, by the wall clock
 * @param data details: strings, numbers, booleans and lists of strings, in an order fit to print
 */
public record TunnelEvent(
    Topic topic, String network, Optional<String> peer, Instant at, Map<String, Object> data) {

  /** Copies the details. */
  public TunnelEvent {
    data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
  }
}
