package cloud.runbeam.wgagent.platform.linux.udp;

import cloud.runbeam.wgagent.engine.io.OffloadState;

/**
 * Whether a socket's kernel does a piece of work for us. It may be found out late that it does not;
 * then it stays off, with the reason. Any thread may read; whoever finds out writes.
 */
final class Offload {
  private volatile String reason;

  private Offload(String reason) {
    this.reason = reason;
  }

  static Offload on() {
    return new Offload("");
  }

  static Offload off(String reason) {
    return new Offload(reason);
  }

  boolean isOn() {
    return reason.isEmpty();
  }

  void switchOff(String why) {
    reason = why;
  }

  /** For people and metrics. */
  OffloadState state(String kind) {
    String why = reason;
    return new OffloadState(kind, why.isEmpty(), why);
  }

  /** {@code on}, or {@code off: } and why. */
  @Override
  public String toString() {
    return state("").text();
  }
}
