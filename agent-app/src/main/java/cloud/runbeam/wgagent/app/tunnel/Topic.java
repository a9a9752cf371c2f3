package cloud.runbeam.wgagent.app.tunnel;

import java.util.Locale;

/** What an event is about; a subscriber names those it wants. */
public enum Topic {
  /** A network moved on in its life: {@code from}, {@code to}, {@code failure}. */
  STATE,
  /** A handshake with a peer completed: {@code endpoint}, {@code completed}. */
  HANDSHAKE,
  /** A peer's endpoint changed, or its names do not resolve: {@code endpoint}, {@code reason}. */
  ENDPOINT,
  /** A network's or a peer's health changed. */
  HEALTH,
  /** A step of a key rotation. */
  ROTATION,
  /** Settings of a network changed: the members of {@link NetworkDiff} that are not empty. */
  CONFIG;

  /** As in the control API: {@code handshake}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
