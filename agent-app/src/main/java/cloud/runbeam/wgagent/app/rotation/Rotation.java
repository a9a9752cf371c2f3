package cloud.runbeam.wgagent.app.rotation;

import cloud.runbeam.wgagent.app.config.KeySource;
import cloud.runbeam.wgagent.app.config.RotatingKeyFile;
import cloud.runbeam.wgagent.app.config.UnusableKeyException;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rotation of one network's private key.
 *
 * <pre>
 *   begin    new key on disk beside the old one → record on disk → engine answers for both
 *   tick     who has moved is recorded; all moved, or time is up: commit, or abort if nobody moved
 *   commit   record says so → new key takes the old one's place → engine drops the old one → record goes
 *   abort    record goes → engine drops the new key → new key goes
 *   resume   at the network's start: goes on wherever a crash broke it off
 * </pre>
 *
 * <p>A crash between any two steps is taken up by {@link #resume}: before the record, nobody was
 * told of the new key; between the record and the commit, both keys are there; once the record says
 * so, the commit is finished. Sessions are never cut.
 *
 * <p>Called under the network's lock; {@link #status} by any thread.
 */
public final class Rotation {
  /** How long both keys are answered for unless the caller says otherwise. */
  public static final Duration DEFAULT_OVERLAP = Duration.ofHours(1);

  /** Bounds of what a caller may ask for. */
  public static final Duration MIN_OVERLAP = Duration.ofSeconds(10);

  /** A rotation that takes longer is forgotten about by its operator. */
  public static final Duration MAX_OVERLAP = Duration.ofDays(30);

  /**
   * A peer whose operator has moved the prefixes to the new key takes nothing more from the old
   * one; if it has nothing to say by itself, the next question ends that. A question costs two
   * multiplications here and one there.
   */
  private static final Duration ASK_INTERVAL = Duration.ofSeconds(1);

  /** Keeps questions below a tenth of the conductor's time, at two products a question. */
  private static final Duration ASK_INTERVAL_PER_PEER = Duration.ofMillis(2);

  private static final Logger log = LoggerFactory.getLogger(Rotation.class);

  private final String network;
  private final RotationPorts ports;
  private final RotationListener listener;

  // Under the network's lock.
  private @Nullable RotationRecord record;
  private long askedAtNs;

  // Read by any thread.
  private volatile @Nullable RotationStatus status;

  /** No rotation of {@code network} yet. */
  public Rotation(String network, RotationPorts ports, RotationListener listener) {
    this.network = network;
    this.ports = ports;
    this.listener = listener;
  }

  /** The rotation in progress. Any thread. */
  public Optional<RotationStatus> status() {
    return Optional.ofNullable(status);
  }

  /**
   * The key that the network's key file holds while a rotation is in progress: not the device's.
   */
  public Optional<PublicKey> keyOnDisk() {
    return status().map(RotationStatus::previousPublicKey);
  }

  /**
   * Makes a new key and begins to move to it. A network without peers has moved at once.
   *
   * @param source where the private key comes from; a file
   * @param now whether the caller expects it to end by itself
   * @param overlap how long both keys are answered for, {@link #MIN_OVERLAP} to {@link
   *     #MAX_OVERLAP}
   * @throws RotationException if one is in progress, or a step fails; everything is as before then
   */
  public RotationStatus begin(
      RotatingDevice device, KeySource source, boolean now, Duration overlap, long nowNs)
      throws RotationException {
    RotationRecord running = record;
    if (running != null) {
      throw new RotationException(
          RotationException.Reason.INVALID_STATE,
          "network "
              + network
              + " is rotating its key already, until "
              + running.overlapUntil()
              + ": commit or abort that rotation first");
    }
    if (overlap.compareTo(MIN_OVERLAP) < 0 || overlap.compareTo(MAX_OVERLAP) > 0) {
      throw new RotationException(
          RotationException.Reason.CONFIG,
          "an overlap of "
              + overlap.toSeconds()
              + " s is not in "
              + MIN_OVERLAP.toSeconds()
              + " to "
              + MAX_OVERLAP.toSeconds());
    }
    PublicKey previous =
        device
            .snapshot()
            .publicKey()
            .orElseThrow(() ->
                new RotationException(
                    RotationException.Reason.INVALID_STATE,
                    "network " + network + " has no key to rotate"));
    RotatingKeyFile file = keyFile(source);
    SecretKey key = makeKey(file);
    RotationRecord begun =
        new RotationRecord(
            previous, key.publicKey(), now, false, ports.wallClock().now().plus(overlap), Set.of());
    startWith(device, file, key, begun);
    record = begun;
    askedAtNs = nowNs;
    RotationStatus started = publish(device.snapshot(), Optional.empty(), Optional.empty());
    log.info(
        "network {}: key rotation began: new public key {}, both keys are answered for until {}",
        network,
        begun.next(),
        begun.overlapUntil());
    if (device.snapshot().peers().isEmpty()) {
      return commit(device, source);
    }
    ask(device);
    return started;
  }

  private SecretKey makeKey(RotatingKeyFile file) throws RotationException {
    try {
      return file.makeNext(ports.keys(), ports.entropy());
    } catch (UnusableKeyException failed) {
      throw refused(RotationException.Reason.PLATFORM, failed);
    }
  }

  private void startWith(
      RotatingDevice device, RotatingKeyFile file, SecretKey key, RotationRecord begun)
      throws RotationException {
    try {
      ports.store().save(network, begun);
    } catch (IOException failed) {
      key.close();
      discard(file);
      throw new RotationException(
          RotationException.Reason.PLATFORM,
          "network "
              + network
              + ": cannot remember the rotation: "
              + failed
              + "; make agent.state_dir writable",
          failed);
    }
    try {
      device.beginRotation(key, begun.moved());
    } catch (DeviceException failed) {
      forgetRecord();
      discard(file);
      throw refused(RotationException.Reason.PLATFORM, failed);
    }
  }

  /**
   * Retires the old key.
   *
   * @throws RotationException if none is in progress, or the key file cannot be replaced: the
   *     rotation goes on then
   */
  public RotationStatus commit(RotatingDevice device, KeySource source) throws RotationException {
    RotationRecord running = running("commit");
    RotatingKeyFile file = keyFile(source);
    try {
      ports.store().save(network, running.withCommitting());
    } catch (IOException failed) {
      throw new RotationException(
          RotationException.Reason.PLATFORM,
          "network "
              + network
              + ": cannot remember that the rotation is committed: "
              + failed
              + "; make agent.state_dir writable",
          failed);
    }
    try {
      file.promote();
    } catch (UnusableKeyException failed) {
      remember(running);
      throw refused(RotationException.Reason.PLATFORM, failed);
    }
    forgetRecord();
    return end(device, RotationPhase.COMMIT, Optional.empty());
  }

  /**
   * Drops the new key.
   *
   * @throws RotationException if none is in progress
   */
  public RotationStatus abort(RotatingDevice device, KeySource source) throws RotationException {
    running("abort");
    return abort(device, source, Optional.empty());
  }

  private RotationStatus abort(RotatingDevice device, KeySource source, Optional<String> reason)
      throws RotationException {
    forgetRecord();
    RotationStatus ended = end(device, RotationPhase.ABORT, reason);
    discard(keyFile(source));
    return ended;
  }

  private RotationStatus end(RotatingDevice device, RotationPhase phase, Optional<String> reason)
      throws RotationException {
    RotationRecord ending = running(phase.code());
    DeviceSnapshot before = device.snapshot();
    try {
      device.endRotation(phase == RotationPhase.COMMIT);
    } catch (DeviceException failed) {
      throw refused(RotationException.Reason.PLATFORM, failed);
    }
    record = null;
    status = null;
    RotationStatus ended =
        new RotationStatus(
            ending.next(),
            ending.previous(),
            phase,
            Optional.empty(),
            moved(before, ending).size(),
            before.peers().size());
    log.info(
        "network {}: key rotation {}{}; the public key is {}",
        network,
        phase == RotationPhase.COMMIT ? "is complete" : "was taken back",
        reason.map(why -> ": " + why).orElse(""),
        phase == RotationPhase.COMMIT ? ending.next() : ending.previous());
    listener.happened(ended, Optional.empty(), reason);
    return ended;
  }

  /**
   * Goes on, when the network has been started, with a rotation that a stop or a crash broke off.
   *
   * @param device has the key of the key file
   */
  public void resume(RotatingDevice device, KeySource source, long nowNs) {
    record = null;
    status = null;
    try {
      Optional<RotationRecord> stored = ports.store().load(network);
      if (stored.isPresent()) {
        resume(stored.get(), device, source, nowNs);
      }
    } catch (IOException unreadable) {
      log.error(
          "network {}: a key rotation may have been in progress, but {}; if peers know the new key"
              + " already, put {} in the place of the key file by hand, then remove that record",
          network,
          unreadable.getMessage(),
          source.describe() + ".next");
    } catch (RotationException failed) {
      log.error("network {}: key rotation cannot go on: {}", network, failed.getMessage());
    }
  }

  private void resume(RotationRecord stored, RotatingDevice device, KeySource source, long nowNs)
      throws RotationException {
    Optional<PublicKey> present = device.snapshot().publicKey();
    if (present.equals(Optional.of(stored.next()))) {
      forgetRecord(); // The new key took its place; only the record was left to go.
      return;
    }
    RotatingKeyFile file = keyFile(source);
    if (!present.equals(Optional.of(stored.previous()))) {
      log.warn("network {}: key rotation ends: the key file holds another key now", network);
      forgetRecord();
      discard(file);
      return;
    }
    SecretKey key;
    try {
      key = file.readNext(ports.keys());
    } catch (UnusableKeyException lost) {
      forgetRecord();
      throw refused(RotationException.Reason.PLATFORM, lost);
    }
    if (!key.publicKey().equals(stored.next())) {
      key.close();
      forgetRecord();
      log.error("network {}: key rotation ends: {} is not its new key", network, file.next());
      return;
    }
    try {
      device.beginRotation(key, stored.moved());
    } catch (DeviceException failed) {
      throw refused(RotationException.Reason.PLATFORM, failed);
    }
    record = stored;
    askedAtNs = nowNs;
    publish(device.snapshot(), Optional.empty(), Optional.empty());
    log.info(
        "network {}: key rotation goes on: new public key {}, until {}",
        network,
        stored.next(),
        stored.overlapUntil());
    if (stored.committing()) {
      commit(device, source);
    }
  }

  /** The network goes down; the rotation goes on when it comes up again. */
  public void pause() {
    record = null;
    status = null;
  }

  /**
   * Moves a rotation on: to be called about once a second while the network is up.
   *
   * @throws RotationException if it should have ended and could not; it is tried again next time
   */
  public void tick(RotatingDevice device, KeySource source, long nowNs) throws RotationException {
    RotationRecord running = record;
    if (running == null) {
      return;
    }
    DeviceSnapshot snapshot = device.snapshot();
    if (!snapshot.formerPublicKey().equals(Optional.of(running.previous()))) {
      abort(device, source, Optional.of("the device was given another key from outside"));
      return;
    }
    Set<PublicKey> moved = moved(snapshot, running);
    noteMoved(running, moved, snapshot);
    if (!moved.isEmpty() && moved.size() == snapshot.peers().size()) {
      commit(device, source);
    } else if (!ports.wallClock().now().isBefore(running.overlapUntil())) {
      if (moved.isEmpty()) {
        abort(device, source, Optional.of("time is up and no peer took the new key"));
      } else {
        commit(device, source);
      }
    } else if (nowNs - askedAtNs >= askInterval(snapshot).toNanos()) {
      askedAtNs = nowNs;
      ask(device);
    }
  }

  private void noteMoved(RotationRecord running, Set<PublicKey> moved, DeviceSnapshot snapshot) {
    if (moved.equals(running.moved())) {
      return;
    }
    RotationRecord noted = running.withMoved(moved);
    record = noted;
    remember(noted);
    for (PublicKey peer : moved) {
      if (!running.moved().contains(peer)) {
        publish(snapshot, Optional.of(peer), Optional.empty());
      }
    }
    publishQuietly(snapshot, noted);
  }

  private static Set<PublicKey> moved(DeviceSnapshot snapshot, RotationRecord running) {
    Set<PublicKey> moved = new LinkedHashSet<>();
    for (PeerSnapshot peer : snapshot.peers()) {
      if (peer.localIdentity().equals(Optional.of(running.next()))) {
        moved.add(peer.publicKey());
      }
    }
    return moved;
  }

  private static Duration askInterval(DeviceSnapshot snapshot) {
    Duration forAll = ASK_INTERVAL_PER_PEER.multipliedBy(snapshot.peers().size());
    return forAll.compareTo(ASK_INTERVAL) > 0 ? forAll : ASK_INTERVAL;
  }

  private void ask(RotatingDevice device) {
    try {
      device.askWhetherMoved();
    } catch (DeviceException failed) {
      log.debug("network {}: peers were not asked: {}", network, failed.getMessage());
    }
  }

  private RotationStatus publish(
      DeviceSnapshot snapshot, Optional<PublicKey> movedPeer, Optional<String> reason) {
    RotationRecord running = Objects.requireNonNull(record);
    RotationStatus now = publishQuietly(snapshot, running);
    listener.happened(now, movedPeer, reason);
    return now;
  }

  private RotationStatus publishQuietly(DeviceSnapshot snapshot, RotationRecord running) {
    Instant until = running.overlapUntil();
    RotationStatus now =
        new RotationStatus(
            running.next(),
            running.previous(),
            running.phase(),
            Optional.of(until),
            running.moved().size(),
            snapshot.peers().size());
    status = now;
    return now;
  }

  private RotationRecord running(String what) throws RotationException {
    RotationRecord running = record;
    if (running == null) {
      throw new RotationException(
          RotationException.Reason.INVALID_STATE,
          "network " + network + " is not rotating its key: there is nothing to " + what);
    }
    return running;
  }

  private RotatingKeyFile keyFile(KeySource source) throws RotationException {
    try {
      return RotatingKeyFile.of(source);
    } catch (UnusableKeyException unusable) {
      throw refused(RotationException.Reason.CONFIG, unusable);
    }
  }

  /** Who moved is worth remembering, but no reason to stop. */
  private void remember(RotationRecord noted) {
    try {
      ports.store().save(network, noted);
    } catch (IOException failed) {
      log.warn("network {}: cannot remember how its key rotation stands: {}", network, failed);
    }
  }

  private void forgetRecord() {
    try {
      ports.store().remove(network);
    } catch (IOException failed) {
      log.warn("network {}: cannot remove the record of its key rotation: {}", network, failed);
    }
  }

  private void discard(RotatingKeyFile file) {
    try {
      file.discardNext();
    } catch (UnusableKeyException failed) {
      log.warn("network {}: {}", network, failed.getMessage());
    }
  }

  private RotationException refused(RotationException.Reason reason, Exception cause) {
    return new RotationException(reason, "network " + network + ": " + cause.getMessage(), cause);
  }
}
