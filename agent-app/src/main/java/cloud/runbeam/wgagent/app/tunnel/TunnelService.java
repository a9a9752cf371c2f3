package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.engine.CloseReason;
import cloud.runbeam.wgagent.engine.WireGuardDevice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * All networks of this agent. Decides what may happen and is the only one who makes it happen: one
 * thing at a time for one network, networks independent of each other. Any thread; {@link #status}
 * never waits.
 */
public final class TunnelService {
  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private final TunnelPorts ports;

  /** Knows the networks; starts none. */
  public TunnelService(List<NetworkConfig> networks, TunnelPorts ports) {
    this.ports = ports;
    for (NetworkConfig network : networks) {
      slots.put(network.name(), new Slot(new Tunnel(network, ports), new ReentrantLock()));
    }
  }

  /**
   * Brings up every enabled network, in the order of the file. If one cannot be brought up, those
   * before are taken down again.
   *
   * @throws TunnelException saying which and why
   */
  public void connectAll() throws TunnelException {
    for (Slot slot : slots.values()) {
      if (!slot.tunnel().config().enabled()) {
        continue;
      }
      try {
        connect(slot.tunnel().config().name());
      } catch (TunnelException refused) {
        disconnectAll();
        throw refused;
      }
    }
  }

  /** Takes down everything that is up, the last one first. */
  public void disconnectAll() {
    for (Slot slot : List.copyOf(slots.values()).reversed()) {
      slot.lock().lock();
      try {
        if (slot.tunnel().state() == TunnelState.ACTIVE) {
          slot.tunnel().stop();
        }
      } finally {
        slot.lock().unlock();
      }
    }
  }

  /**
   * Brings one network up.
   *
   * @throws TunnelException if there is none of that name, it is up already, or a step fails;
   *     nothing is left behind then
   */
  public NetworkStatus connect(String network) throws TunnelException {
    Slot slot = slot(network);
    slot.lock().lock();
    try {
      TunnelState state = slot.tunnel().state();
      if (!state.mayStart()) {
        throw invalidState(network, state);
      }
      slot.tunnel().start(this::deviceEnded);
      return slot.tunnel().status();
    } finally {
      slot.lock().unlock();
    }
  }

  /**
   * Takes one network down.
   *
   * @throws TunnelException if there is none of that name or it is not up
   */
  public NetworkStatus disconnect(String network) throws TunnelException {
    Slot slot = slot(network);
    slot.lock().lock();
    try {
      TunnelState state = slot.tunnel().state();
      if (state != TunnelState.ACTIVE) {
        throw invalidState(network, state);
      }
      slot.tunnel().stop();
      return slot.tunnel().status();
    } finally {
      slot.lock().unlock();
    }
  }

  /** All networks, in the order of the file. */
  public List<NetworkStatus> status() {
    List<NetworkStatus> all = new ArrayList<>(slots.size());
    for (Slot slot : slots.values()) {
      all.add(slot.tunnel().status());
    }
    return all;
  }

  /** One network. */
  public Optional<NetworkStatus> status(String network) {
    return Optional.ofNullable(slots.get(network)).map(slot -> slot.tunnel().status());
  }

  /** Not on the engine's thread, which called: cleaning up waits for the engine. */
  private void deviceEnded(Tunnel tunnel, WireGuardDevice device, CloseReason reason) {
    if (reason == CloseReason.CLOSED) {
      return;
    }
    ports
        .background()
        .execute(() -> {
          ReentrantLock lock = slotOf(tunnel).lock();
          lock.lock();
          try {
            tunnel.deviceEnded(device, reason);
          } finally {
            lock.unlock();
          }
        });
  }

  private Slot slot(String network) throws TunnelException {
    Slot slot = slots.get(network);
    if (slot == null) {
      throw new TunnelException(TunnelException.Reason.NETWORK_NOT_FOUND, network);
    }
    return slot;
  }

  private Slot slotOf(Tunnel tunnel) {
    return slots.values().stream()
        .filter(slot -> slot.tunnel() == tunnel)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("a tunnel of another service"));
  }

  private static TunnelException invalidState(String network, TunnelState state) {
    return new TunnelException(
        TunnelException.Reason.INVALID_STATE, "network " + network + " is " + state.code());
  }

  private record Slot(Tunnel tunnel, ReentrantLock lock) {}
}
