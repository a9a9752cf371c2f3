package cloud.runbeam.wgagent.app.tunnel;

import java.util.Locale;

/**
 * Where a network is in its life.
 *
 * <pre>
 *   UNINITIALIZED ──connect──▶ STARTING ──all steps done──▶ ACTIVE ──disconnect──▶ STOPPING ──▶ STOPPED
 *                                 │  ▲                      │  ▲ │                                │
 *                    a step fails │  │                      └──┘ │ device ended by itself          │
 *                                 │  │                 reload,   │                                │
 *                                 │  │             whole or not  │                                │
 *                                 ▼  │                           ▼                                │
 *                               ERROR ◀──────────────────────────┘                                │
 *                                 │  └──connect, reload of the file──▶ STARTING ◀──connect─────────┘
 *                                 └──────disconnect──▶ STOPPING
 *
 *   restart (another interface name): ACTIVE ─▶ STOPPING ─▶ STOPPED ─▶ STARTING ─▶ ACTIVE
 * </pre>
 *
 * <p>Written under the network's lock. Read without it, a state may be over by the time it is
 * looked at.
 */
public enum TunnelState {
  /** Known from the configuration, never started. */
  UNINITIALIZED,
  /** Being brought up. */
  STARTING,
  /** Up: interface, addresses, routes and sockets stand. */
  ACTIVE,
  /** Being taken down. */
  STOPPING,
  /** Taken down; nothing of it is left. */
  STOPPED,
  /** Failed to start, or ended by itself; nothing of it is left. */
  ERROR;

  /** Whether a connect is possible. */
  public boolean mayStart() {
    return this == UNINITIALIZED || this == STOPPED || this == ERROR;
  }

  /** As in the control API: {@code active}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
