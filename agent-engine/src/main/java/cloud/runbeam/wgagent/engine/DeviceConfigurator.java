package cloud.runbeam.wgagent.engine;

import cloud.runbeam.wgagent.engine.DeviceException.Reason;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.engine.io.OffloadState;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.engine.path.DeviceConductor;
import cloud.runbeam.wgagent.engine.path.DevicePath;
import cloud.runbeam.wgagent.engine.path.PeerDesk;
import cloud.runbeam.wgagent.engine.peer.Peer;
import cloud.runbeam.wgagent.engine.peer.SessionLimits;
import cloud.runbeam.wgagent.engine.routing.AllowedIps;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.engine.session.Keypair;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Applies a {@link DeviceChange} to a device, on the conductor:
 *
 * <pre>
 *   1. sockets     the only step that can be refused, so it comes first
 *   2. identity    a new private key ends all sessions
 *   3. peers       in order, on a copy of the routing table
 *   4. publish     the routing table, in one write
 *   5. retire      what removed peers leave behind
 *   6. wake        peers that have something to say
 * </pre>
 */
final class DeviceConfigurator {
  private final DevicePath path;
  private final DeviceConductor conductor;
  private final MonotonicClock clock;

  DeviceConfigurator(DevicePath path, MonotonicClock clock) {
    this.path = path;
    this.conductor = path.conductor();
    this.clock = clock;
  }

  void apply(DeviceChange change) throws DeviceException {
    long nowNs = clock.nowNs();
    rebind(change);
    change.privateKey().ifPresent(this::setPrivateKey);
    AllowedIps.Builder<Peer> routes = path.tables().allowedIps().toBuilder();
    List<PeerDesk> removed = new ArrayList<>();
    if (change.replacePeers()) {
      for (PeerDesk desk : List.copyOf(conductor.desks())) {
        takeOut(desk, routes, removed);
      }
    }
    removeSelf(routes, removed);
    Map<PeerDesk, Boolean> touched = new LinkedHashMap<>();
    if (change.privateKey().isPresent()) {
      conductor.desks().forEach(desk -> touched.put(desk, desk.peer().hasPersistentKeepalive()));
    }
    for (PeerChange peer : change.peers()) {
      applyPeer(peer, routes, removed, touched);
    }
    path.tables().setAllowedIps(routes.build());
    removed.forEach(touched::remove);
    removed.forEach(conductor::release);
    conductor.publishPeers();
    touched.forEach((desk, keepaliveTurnedOn) -> conductor.wakeUp(desk, keepaliveTurnedOn, nowNs));
  }

  /** As {@link DeviceConductor#beginRotation}; a peer that turns out to be ourselves goes. */
  boolean beginRotation(SecretKey privateKey, Collection<PublicKey> moved) {
    if (!conductor.beginRotation(privateKey, moved)) {
      return false;
    }
    AllowedIps.Builder<Peer> routes = path.tables().allowedIps().toBuilder();
    List<PeerDesk> removed = new ArrayList<>();
    removeSelf(routes, removed);
    path.tables().setAllowedIps(routes.build());
    removed.forEach(conductor::release);
    conductor.publishPeers();
    return true;
  }

  private void rebind(DeviceChange change) throws DeviceException {
    int port = change.listenPort().orElse(conductor.listenPort());
    int mark = change.fwmark().orElse(conductor.fwmark());
    try {
      conductor.rebind(port, mark);
    } catch (IOException e) {
      boolean portChanges = change.listenPort().isPresent();
      throw new DeviceException(
          portChanges ? Reason.PORT_UNAVAILABLE : Reason.FWMARK_REFUSED,
          (portChanges
                  ? "cannot listen on UDP port " + port
                  : "cannot set fwmark 0x" + Integer.toHexString(mark))
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private void setPrivateKey(SecretKey key) {
    if (key.isZero()) {
      key.close();
      conductor.setIdentity(null);
    } else {
      conductor.setIdentity(key);
    }
  }

  /** A device cannot be its own peer: such a peer goes, as in the kernel. */
  private void removeSelf(AllowedIps.Builder<Peer> routes, List<PeerDesk> removed) {
    conductor.publicKey().map(conductor::desk).ifPresent(desk -> takeOut(desk, routes, removed));
  }

  private void applyPeer(
      PeerChange change,
      AllowedIps.Builder<Peer> routes,
      List<PeerDesk> removed,
      Map<PeerDesk, Boolean> touched) {
    PeerDesk desk = conductor.desk(change.publicKey());
    boolean self = conductor.publicKey().filter(change.publicKey()::equals).isPresent();
    if (change.remove() || self || (desk == null && change.updateOnly())) {
      change.presharedKey().ifPresent(SecretKey::close);
      if (desk != null && change.remove()) {
        takeOut(desk, routes, removed);
      }
      return;
    }
    if (desk == null) {
      desk = conductor.add(change.publicKey());
    }
    Peer peer = desk.peer();
    change.presharedKey().ifPresent(peer::setPresharedKey);
    change.endpoint().ifPresent(peer::setEndpoint);
    if (change.replaceAllowedIps()) {
      routes.removeAll(peer);
    }
    for (IpPrefix prefix : change.removeAllowedIps()) {
      if (routes.owner(prefix.network()) == peer) {
        routes.remove(prefix.network());
      }
    }
    for (IpPrefix prefix : change.allowedIps()) {
      routes.put(prefix.network(), peer);
    }
    boolean keepaliveTurnedOn =
        change
            .persistentKeepaliveSeconds()
            .map(peer.timers()::setPersistentKeepalive)
            .orElse(false);
    touched.merge(desk, keepaliveTurnedOn, Boolean::logicalOr);
  }

  private void takeOut(PeerDesk desk, AllowedIps.Builder<Peer> routes, List<PeerDesk> removed) {
    routes.removeAll(desk.peer());
    conductor.takeOut(desk);
    removed.add(desk);
  }

  // Snapshots: any thread.

  DeviceSnapshot snapshot(TunDevice tun) {
    AllowedIps<Peer> routes = path.tables().allowedIps();
    long nowNs = clock.nowNs();
    List<PeerSnapshot> peers = new ArrayList<>();
    for (Peer peer : conductor.peers()) {
      peers.add(snapshot(peer, routes, nowNs));
    }
    return new DeviceSnapshot(
        tun.name(),
        conductor.publicKey(),
        conductor.formerPublicKey(),
        conductor.listenPort(),
        conductor.fwmark(),
        tun.mtuBytes(),
        conductor.isUp(),
        conductor.problem(),
        peers,
        path.tables().drops().snapshot(),
        offloads(tun),
        path.stager().snapshot(),
        conductor.queuedHandshakes());
  }

  private List<OffloadState> offloads(TunDevice tun) {
    List<OffloadState> offloads = new ArrayList<>(tun.offloads());
    UdpTransport transport = path.tables().transport();
    if (transport != null) {
      offloads.addAll(transport.offloads());
    }
    return offloads;
  }

  private static PeerSnapshot snapshot(Peer peer, AllowedIps<Peer> routes, long nowNs) {
    Keypair current = peer.keypairs().current();
    return new PeerSnapshot(
        peer.publicKey(),
        peer.hasPresharedKey(),
        Optional.ofNullable(peer.endpoint()),
        routes.prefixesOf(peer),
        peer.timers().persistentKeepaliveSeconds(),
        peer.handshakeLog().last(),
        peer.handshakeLog().roundTrip(),
        peer.handshakeLog().localIdentity(),
        current != null && SessionLimits.maySend(current, nowNs),
        peer.sentByOutbound().bytes() + peer.sentByConductor().bytes(),
        peer.received().bytes() + peer.handshakesReceived().bytes(),
        peer.sentByOutbound().packets() + peer.sentByConductor().packets(),
        peer.received().packets(),
        peer.handshakeLog().initiated(),
        peer.handshakeLog().completed(),
        peer.endpointMoves(),
        peer.receiveQuality().snapshot(nowNs),
        peer.drops().snapshot(),
        peer.handshakeLog().failed(),
        peer.handshakeLog().unanswered());
  }
}
