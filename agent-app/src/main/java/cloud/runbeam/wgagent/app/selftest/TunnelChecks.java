package cloud.runbeam.wgagent.app.selftest;

import static cloud.runbeam.wgagent.app.selftest.CryptographyChecks.require;

import cloud.runbeam.wgagent.app.selftest.MemoryWire.Conditions;
import cloud.runbeam.wgagent.app.selftest.MemoryWire.Datagram;
import cloud.runbeam.wgagent.app.selftest.MemoryWire.Tally;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.engine.counters.DropReason;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.memory.PacketArena;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import cloud.runbeam.wgagent.platform.api.PlatformPlugin;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Two devices with a network in memory between them, in the order in which a session lives: it is
 * made, carries packets through whatever the network does, is renewed, moves, and is refused to
 * those without the right keys.
 */
final class TunnelChecks {
  private static final String GROUP = "tunnel";

  private static final int INITIATION = 1;
  private static final int FLIGHT = 400;
  private static final double HARM = 0.1;

  /** WireGuard paper, section 6.1: sessions are renewed after 120 s, initiations after 5 s. */
  private static final Duration PAST_REKEY = Duration.ofSeconds(121);

  private static final Duration PAST_RETRY = Duration.ofSeconds(6);
  private static final Duration PAST_SESSION = Duration.ofSeconds(181);

  private final PlatformPlugin platform;
  private final long seed;

  TunnelChecks(PlatformPlugin platform, long seed) {
    this.platform = platform;
    this.seed = seed;
  }

  void run(CheckRun run) {
    int arenas = PacketArena.openArenas();
    run.require(
        GROUP,
        "open and close",
        () -> {
          try (TestTunnel tunnel = TestTunnel.open(platform, seed)) {
            run(run, tunnel);
          }
          require(PacketArena.openArenas() == arenas, "packet memory is still held");
          return "two devices, whose memory was returned";
        });
  }

  private static void run(CheckRun run, TestTunnel tunnel) {
    run.require(GROUP, "handshake", () -> handshake(tunnel));
    run.require(GROUP, "data both ways", () -> bothWays(tunnel));
    run.require(GROUP, "loss", () -> loss(tunnel));
    run.require(GROUP, "reordering", () -> reordering(tunnel));
    run.require(GROUP, "duplicates", () -> duplicates(tunnel));
    run.require(GROUP, "rekey", () -> rekey(tunnel));
    run.require(GROUP, "lost initiation", () -> lostInitiation(tunnel));
    run.require(GROUP, "roaming", () -> roaming(tunnel));
    run.require(GROUP, "replay refused", () -> replay(tunnel));
    run.require(GROUP, "forgery refused", () -> forgery(tunnel));
    run.require(GROUP, "foreign source refused", () -> foreignSource(tunnel));
    run.require(GROUP, "key rotation", () -> rotation(tunnel));
    run.require(GROUP, "wrong preshared key", () -> wrongPresharedKey(tunnel));
    run.require(GROUP, "wrong public key", () -> wrongPublicKey(tunnel));
    run.require(GROUP, "unknown peer refused", () -> unknownPeer(tunnel));
  }

  private static String handshake(TestTunnel tunnel) throws CheckFailedException {
    tunnel.carries(tunnel.near, tunnel.far, 0);
    PeerSnapshot peer = tunnel.near.peer();
    require(peer.sessionEstablished() && peer.handshakesCompleted() == 1, "no session was made");
    require(peer.hasPresharedKey(), "the preshared key was not taken");
    double ms = peer.handshakeRoundTrip().orElse(Duration.ZERO).toNanos() / 1e6;
    return String.format(Locale.ROOT, "with a preshared key, %.1f ms", ms);
  }

  private static String bothWays(TestTunnel tunnel) throws CheckFailedException {
    int packets = 0;
    for (int payload = 0; payload <= Party.MTU_BYTES - 20; payload += 100) {
      tunnel.carries(tunnel.near, tunnel.far, payload);
      tunnel.carries(tunnel.far, tunnel.near, payload);
      packets += 2;
    }
    return packets + " packets of 20 to " + Party.MTU_BYTES + " bytes, unchanged";
  }

  private static String loss(TestTunnel tunnel) throws CheckFailedException {
    Tally tally = tunnel.flight(FLIGHT, new Conditions(HARM, 0, 0));
    long arrived = FLIGHT - tally.lost();
    tunnel.awaitReceived(tunnel.far, arrived);
    double real = (double) tally.lost() / tally.sent();
    double measured = ratio("loss", tunnel.far.peer().quality().lossRatio());
    require(tally.lost() > 0, "the network lost nothing");
    require(
        measured > real / 2 && measured < real * 2,
        percent(measured) + " measured, but " + percent(real) + " lost");
    return tally.lost()
        + " of "
        + FLIGHT
        + " lost, all others came; measured as "
        + percent(measured);
  }

  private static String reordering(TestTunnel tunnel) throws CheckFailedException {
    Tally tally = tunnel.flight(FLIGHT, new Conditions(0, 0, HARM));
    tunnel.awaitReceived(tunnel.far, FLIGHT);
    double measured = ratio("reordering", tunnel.far.peer().quality().reorderRatio());
    require(tally.reordered() > 0 && measured > 0, "the network reordered nothing");
    return tally.reordered() + " of " + FLIGHT + " came late, none was refused";
  }

  private static String duplicates(TestTunnel tunnel) throws CheckFailedException {
    long before = tunnel.far.drops(DropReason.REPLAYED_COUNTER);
    Tally tally = tunnel.flight(FLIGHT, new Conditions(0, HARM, 0));
    tunnel.awaitReceived(tunnel.far, FLIGHT);
    tunnel.await(
        () -> tunnel.far.drops(DropReason.REPLAYED_COUNTER) - before == tally.duplicated(),
        "not every duplicate was refused");
    require(tally.duplicated() > 0, "the network duplicated nothing");
    return tally.duplicated() + " of " + FLIGHT + " came twice, delivered once";
  }

  private static String rekey(TestTunnel tunnel) throws CheckFailedException, DeviceException {
    tunnel.pass(PAST_REKEY);
    long before = tunnel.near.peer().handshakesCompleted();
    tunnel.talkUntil(
        () -> tunnel.near.peer().handshakesCompleted() > before,
        "no new session after " + PAST_REKEY.toSeconds() + " s");
    tunnel.carries(tunnel.near, tunnel.far, 100);
    tunnel.carries(tunnel.far, tunnel.near, 100);
    return "a new session after 120 s, no packet lost";
  }

  private static String lostInitiation(TestTunnel tunnel)
      throws CheckFailedException, DeviceException {
    long before = tunnel.near.peer().handshakesCompleted();
    long initiated = tunnel.initiated();
    tunnel.wire.filter(datagram -> datagram.type() != INITIATION);
    try {
      tunnel.pass(PAST_REKEY);
      tunnel.talkUntil(() -> tunnel.initiated() > initiated, "no initiation was sent");
    } finally {
      tunnel.wire.filter(datagram -> true);
    }
    tunnel.pass(PAST_RETRY);
    tunnel.await(() -> tunnel.near.peer().handshakesCompleted() > before, "it was not sent again");
    return "sent again after 5 s; the old session carried on";
  }

  private static String roaming(TestTunnel tunnel) throws CheckFailedException {
    tunnel.near.end().moveTo(TestTunnel.SECOND_NEAR_ADDRESS);
    tunnel.carries(tunnel.near, tunnel.far, 100);
    Endpoint moved = tunnel.near.end().endpoint(Party.PORT);
    tunnel.await(
        () -> tunnel.far.peer().endpoint().filter(moved::sameRemote).isPresent(),
        "the endpoint did not follow");
    tunnel.carries(tunnel.far, tunnel.near, 100);
    return "the endpoint followed an authenticated packet";
  }

  private static String rotation(TestTunnel tunnel) throws CheckFailedException, DeviceException {
    PublicKey former = tunnel.near.publicKey();
    tunnel.near.beginRotation();
    tunnel.carries(tunnel.near, tunnel.far, 100);
    tunnel.carries(tunnel.far, tunnel.near, 100);
    tunnel.far.learnNewKey(tunnel.near, tunnel.presharedKey());
    tunnel.carries(tunnel.far, tunnel.near, 100);
    tunnel.carries(tunnel.near, tunnel.far, 100);
    tunnel.await(
        () -> tunnel.near.peer().localIdentity().equals(Optional.of(tunnel.near.publicKey())),
        "the peer did not move to the new key");
    require(tunnel.near.commitRotation(), "the rotation ended by itself");
    tunnel.carries(tunnel.near, tunnel.far, 100);
    tunnel.far.forget(former);
    tunnel.pass(PAST_SESSION);
    long before = tunnel.near.peer().handshakesCompleted();
    tunnel.talkUntil(
        () -> tunnel.near.peer().handshakesCompleted() > before, "no session under the new key");
    return "the key was replaced, no packet lost";
  }

  private static String replay(TestTunnel tunnel) throws CheckFailedException {
    Datagram initiation = tunnel.wire.newest(INITIATION, tunnel.far.end());
    tunnel.carries(tunnel.near, tunnel.far, 100);
    Datagram data = tunnel.wire.newest(MemoryWire.DATA, tunnel.far.end());
    refused(tunnel, DropReason.REPLAYED_COUNTER, data);
    refused(tunnel, DropReason.REPLAYED_INITIATION, initiation);
    return "a data message and an initiation, recorded and sent again";
  }

  private static String forgery(TestTunnel tunnel) throws CheckFailedException {
    long before = tunnel.wire.dataHeard();
    tunnel.wire.filter(datagram -> false);
    byte[] packet = tunnel.near.send(tunnel.far, new byte[100]);
    tunnel.await(() -> tunnel.wire.dataHeard() > before, "no data message was sent");
    Datagram genuine = tunnel.wire.newest(MemoryWire.DATA, tunnel.far.end());
    tunnel.wire.filter(datagram -> true);
    byte[] bytes = genuine.bytes().clone();
    bytes[bytes.length - 1] ^= 1;
    refused(
        tunnel,
        DropReason.AUTHENTICATION_FAILED,
        new Datagram(genuine.from(), genuine.to(), bytes));
    tunnel.wire.inject(genuine);
    require(Arrays.equals(tunnel.takeFrom(tunnel.far), packet), "the genuine message was lost");
    return "one bit changed; the genuine message was taken after it";
  }

  private static String foreignSource(TestTunnel tunnel) throws CheckFailedException {
    long before = tunnel.far.drops(DropReason.SOURCE_NOT_ALLOWED);
    tunnel.near.send(TestTunnel.FOREIGN_INNER_ADDRESS, tunnel.far, new byte[8]);
    tunnel.await(
        () -> tunnel.far.drops(DropReason.SOURCE_NOT_ALLOWED) == before + 1,
        "a packet from an address outside the peer's allowed IPs was delivered");
    require(tunnel.far.received().isEmpty(), "it was delivered all the same");
    return "an inner address that is not among the peer's allowed IPs";
  }

  private static String wrongPresharedKey(TestTunnel tunnel)
      throws CheckFailedException, DeviceException {
    long refused = tunnel.drops(DropReason.INVALID_HANDSHAKE);
    tunnel.far.changePresharedKey(tunnel.near.publicKey(), tunnel.otherPresharedKey());
    tunnel.pass(PAST_REKEY);
    tunnel.talkUntil(
        () -> tunnel.drops(DropReason.INVALID_HANDSHAKE) > refused,
        "a response under another preshared key was not refused");
    tunnel.far.changePresharedKey(tunnel.near.publicKey(), tunnel.presharedKey());
    long completed = tunnel.completed();
    tunnel.pass(PAST_RETRY);
    tunnel.talkUntil(
        () -> tunnel.completed() >= completed + 2,
        "no session after the preshared key was put right");
    return "no session until both have the same";
  }

  private static String wrongPublicKey(TestTunnel tunnel)
      throws CheckFailedException, DeviceException {
    long before = tunnel.far.drops(DropReason.INVALID_MAC1);
    PublicKey wrong = tunnel.strangersKey();
    tunnel.near.meet(tunnel.far, wrong, tunnel.presharedKey(), true);
    tunnel.near.send(tunnel.far, new byte[8]);
    tunnel.await(
        () -> tunnel.far.drops(DropReason.INVALID_MAC1) > before,
        "an initiation for somebody else was not refused");
    require(!tunnel.near.peer().sessionEstablished(), "a session was made with the wrong key");
    return "an initiation for another key is not answered";
  }

  private static String unknownPeer(TestTunnel tunnel)
      throws CheckFailedException, DeviceException {
    long before = tunnel.far.drops(DropReason.UNKNOWN_PEER);
    tunnel.near.takeNewKey();
    tunnel.near.meet(tunnel.far, tunnel.far.publicKey(), tunnel.presharedKey(), true);
    tunnel.near.send(tunnel.far, new byte[8]);
    tunnel.await(
        () -> tunnel.far.drops(DropReason.UNKNOWN_PEER) > before,
        "an initiation from a stranger was not refused");
    require(!tunnel.near.peer().sessionEstablished(), "a stranger got a session");
    return "an initiation from a key that nobody configured";
  }

  private static void refused(TestTunnel tunnel, DropReason reason, Datagram datagram)
      throws CheckFailedException {
    long before = tunnel.far.drops(reason);
    long completed = tunnel.far.peer().handshakesCompleted();
    tunnel.wire.inject(datagram);
    tunnel.await(() -> tunnel.far.drops(reason) == before + 1, "not counted as " + reason);
    require(
        tunnel.far.received().isEmpty() && tunnel.far.peer().handshakesCompleted() == completed,
        "it was accepted (" + reason + ")");
  }

  private static double ratio(String what, OptionalDouble value) throws CheckFailedException {
    return value.orElseThrow(() -> new CheckFailedException(what + " was not measured"));
  }

  private static String percent(double ratio) {
    return String.format(Locale.ROOT, "%.1f %%", ratio * 100);
  }
}
