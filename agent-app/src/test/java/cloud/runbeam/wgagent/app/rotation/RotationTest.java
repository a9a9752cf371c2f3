package cloud.runbeam.wgagent.app.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.app.config.KeyReader;
import cloud.runbeam.wgagent.app.config.KeySource;
import cloud.runbeam.wgagent.app.config.Position;
import cloud.runbeam.wgagent.app.config.UnusableKeyException;
import cloud.runbeam.wgagent.app.tunnel.Snapshots;
import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.PublicKey;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import cloud.runbeam.wgagent.engine.testkit.ManualClock;
import cloud.runbeam.wgagent.engine.testkit.SeededEntropy;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import cloud.runbeam.wgagent.engine.testkit.UnguardedMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The course of a key rotation, its files, and what a crash leaves of it. */
class RotationTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final PublicKey CORE = Snapshots.key("core");
  private static final PublicKey LAPTOP = Snapshots.key("laptop");

  @TempDir Path directory;

  private final ManualClock clock = new ManualClock();
  private final KeyArena keys = new KeyArena(new UnguardedMemory(), 16);
  private final List<String> heard = new ArrayList<>();
  private Path keyFile;
  private KeySource source;
  private PublicKey oldKey;
  private FakeDevice device;
  private Rotation rotation;

  @BeforeEach
  void start() throws IOException {
    keyFile = directory.resolve("private.key");
    try (SecretKey key = TestKeys.privateKey(keys, "rotation, before")) {
      byte[] text = new byte[44];
      key.writeBase64(text, 0);
      Files.write(keyFile, text);
      oldKey = key.publicKey();
    }
    Files.setPosixFilePermissions(keyFile, PosixFilePermissions.fromString("rw-------"));
    source =
        new KeySource.File(keyFile, false, "network.default.private_key_path", Position.WHOLE_FILE);
    device = new FakeDevice(oldKey, CORE, LAPTOP);
    rotation = newRotation();
  }

  @AfterEach
  void leavesNoKeyInUse() {
    device.close();
    assertThat(keys.keysInUse()).isZero();
    keys.close();
  }

  @Test
  void beginStoresTheNewKeyBesideTheOldOneAndTellsThePublicOne() throws Exception {
    RotationStatus begun = begin(false);

    assertThat(begun.previousPublicKey()).isEqualTo(oldKey);
    assertThat(begun.publicKey()).isEqualTo(device.own).isNotEqualTo(oldKey);
    assertThat(begun.phase()).isEqualTo(RotationPhase.BEGIN);
    assertThat(begun.overlapUntil()).contains(clock.now().plus(HOUR));
    assertThat(device.former).isEqualTo(oldKey);
    assertThat(publicKeyIn(keyFile)).isEqualTo(oldKey);
    assertThat(publicKeyIn(next())).isEqualTo(begun.publicKey());
    assertThat(Files.getPosixFilePermissions(next()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(device.questions).isOne();
    assertThat(rotation.status()).contains(begun);
  }

  @Test
  void commitPutsTheNewKeyInTheOldOnesPlace() throws Exception {
    RotationStatus begun = begin(false);
    RotationStatus committed = rotation.commit(device, source);

    assertThat(committed.phase()).isEqualTo(RotationPhase.COMMIT);
    assertThat(committed.overlapUntil()).isEmpty();
    assertThat(device.own).isEqualTo(begun.publicKey());
    assertThat(device.former).isNull();
    assertThat(publicKeyIn(keyFile)).isEqualTo(begun.publicKey());
    assertThat(next()).doesNotExist();
    assertNothingIsRemembered();
  }

  @Test
  void abortLeavesEverythingAsBefore() throws Exception {
    begin(false);
    RotationStatus aborted = rotation.abort(device, source);

    assertThat(aborted.phase()).isEqualTo(RotationPhase.ABORT);
    assertThat(device.own).isEqualTo(oldKey);
    assertThat(device.former).isNull();
    assertThat(publicKeyIn(keyFile)).isEqualTo(oldKey);
    assertThat(next()).doesNotExist();
    assertNothingIsRemembered();
  }

  @Test
  void commitsByItselfWhenEveryPeerHasMoved() throws Exception {
    begin(true);
    device.moved.add(CORE);
    tick();
    assertThat(rotation.status().orElseThrow().peersMoved()).isOne();
    assertThat(device.former).isNotNull();
    device.moved.add(LAPTOP);
    tick();

    assertThat(rotation.status()).isEmpty();
    assertThat(publicKeyIn(keyFile)).isEqualTo(device.own);
    assertThat(heard).containsExactly("now 0", "now 1 core", "now 2 laptop", "commit 2");
  }

  @Test
  void commitsWhenTimeIsUpAndSomebodyMoved() throws Exception {
    begin(false);
    device.moved.add(CORE);
    clock.advanceNs(HOUR.toNanos());
    tick();
    assertThat(heard).last().isEqualTo("commit 1");
  }

  @Test
  void takesEverythingBackWhenTimeIsUpAndNobodyMoved() throws Exception {
    begin(true);
    clock.advanceNs(HOUR.toNanos() - 1);
    tick();
    assertThat(rotation.status()).isPresent();
    clock.advanceNs(1_000_000);
    tick();
    assertThat(rotation.status()).isEmpty();
    assertThat(device.own).isEqualTo(oldKey);
    assertThat(heard).last().isEqualTo("abort 0 (time is up and no peer took the new key)");
  }

  @Test
  void aNetworkWithoutPeersHasMovedAtOnce() throws Exception {
    device.close();
    device = new FakeDevice(oldKey);
    assertThat(begin(true).phase()).isEqualTo(RotationPhase.COMMIT);
    assertThat(publicKeyIn(keyFile)).isEqualTo(device.own);
  }

  @Test
  void asksEverySecondNotMoreOften() throws Exception {
    begin(false);
    for (int i = 0; i < 20; i++) {
      clock.advanceNs(Duration.ofMillis(200).toNanos());
      tick();
    }
    assertThat(device.questions).isEqualTo(5);
  }

  @Test
  void endsWhenTheDeviceIsGivenAnotherKeyFromOutside() throws Exception {
    begin(false);
    device.own = Snapshots.key("set by wg");
    device.former = null;
    tick();
    assertThat(rotation.status()).isEmpty();
    assertThat(next()).doesNotExist();
    assertThat(publicKeyIn(keyFile)).isEqualTo(oldKey);
    assertNothingIsRemembered();
  }

  @Test
  void goesOnAfterARestartWithThoseWhoMoved() throws Exception {
    RotationStatus begun = begin(false);
    device.moved.add(CORE);
    tick();
    restart();

    assertThat(device.own).isEqualTo(begun.publicKey());
    assertThat(device.former).isEqualTo(oldKey);
    assertThat(device.moved).containsExactly(CORE);
    assertThat(rotation.status().orElseThrow().peersMoved()).isOne();
    device.moved.add(LAPTOP);
    tick();
    assertThat(publicKeyIn(keyFile)).isEqualTo(begun.publicKey());
  }

  @Test
  void finishesACommitThatACrashBrokeOffBeforeTheFileWasReplaced() throws Exception {
    RotationStatus begun = begin(false);
    RotationStore store = new RotationStore(directory);
    store.save("default", store.load("default").orElseThrow().withCommitting());
    restart();

    assertThat(device.own).isEqualTo(begun.publicKey());
    assertThat(device.former).isNull();
    assertThat(publicKeyIn(keyFile)).isEqualTo(begun.publicKey());
    assertNothingIsRemembered();
  }

  @Test
  void finishesACommitThatACrashBrokeOffAfterTheFileWasReplaced() throws Exception {
    RotationStatus begun = begin(false);
    Files.move(next(), keyFile, StandardCopyOption.REPLACE_EXISTING);
    restart();

    assertThat(device.own).isEqualTo(begun.publicKey());
    assertThat(rotation.status()).isEmpty();
    assertNothingIsRemembered();
  }

  @Test
  void aNewKeyThatNobodyWasToldOfMeansNothingAfterACrash() throws Exception {
    Files.writeString(next(), "of a begin that did not come to its record");
    restart();
    assertThat(rotation.status()).isEmpty();
    assertThat(device.own).isEqualTo(oldKey);
    RotationStatus begun = begin(false);
    assertThat(publicKeyIn(next())).isEqualTo(begun.publicKey());
    rotation.abort(device, source);
  }

  @Test
  void endsAfterARestartWhenTheNewKeyIsGoneOrAnother() throws Exception {
    begin(false);
    Files.delete(next());
    restart();
    assertThat(rotation.status()).isEmpty();
    assertThat(device.own).isEqualTo(oldKey);
    assertNothingIsRemembered();

    begin(false);
    Files.copy(keyFile, next(), StandardCopyOption.REPLACE_EXISTING);
    Files.setPosixFilePermissions(next(), PosixFilePermissions.fromString("rw-------"));
    restart();
    assertThat(rotation.status()).isEmpty();
    assertThat(device.own).isEqualTo(oldKey);
  }

  @Test
  void aRecordThatCannotBeReadKeepsTheNewKeyForTheOperator() throws Exception {
    begin(false);
    Files.writeString(directory.resolve("rotations/default"), "previous=torn");
    restart();
    assertThat(rotation.status()).isEmpty();
    assertThat(device.own).isEqualTo(oldKey);
    assertThat(next()).exists();
  }

  @Test
  void refusesASecondBeginAndACommitOfNothing() throws Exception {
    assertRefused(() -> rotation.commit(device, source), "there is nothing to commit");
    assertRefused(() -> rotation.abort(device, source), "there is nothing to abort");
    begin(false);
    assertRefused(() -> begin(true), "rotating its key already");
    rotation.abort(device, source);
  }

  @Test
  void refusesAKeyThatDoesNotComeFromAFile() {
    KeySource variable =
        new KeySource.Environment("WG_KEY", "network.default.private_key_env", Position.WHOLE_FILE);
    assertThatThrownBy(() -> rotation.begin(device, variable, false, HOUR, clock.nowNs()))
        .isInstanceOfSatisfying(
            RotationException.class,
            refused -> assertThat(refused.reason()).isEqualTo(RotationException.Reason.CONFIG))
        .hasMessageContaining("environment variable WG_KEY")
        .hasMessageContaining("use private_key_path");
  }

  @Test
  void refusesOverlapsOutOfBounds() {
    assertThatThrownBy(() -> rotation.begin(device, source, false, Duration.ofSeconds(9), 0))
        .hasMessageContaining("10 to 2592000");
    assertThatThrownBy(() -> rotation.begin(device, source, false, Duration.ofDays(31), 0))
        .hasMessageContaining("10 to 2592000");
  }

  @Test
  void changesNothingWhenTheEngineRefuses() throws Exception {
    device.refuse = true;
    assertThatThrownBy(() -> begin(false)).isInstanceOf(RotationException.class);
    assertThat(next()).doesNotExist();
    assertNothingIsRemembered();
    assertThat(rotation.status()).isEmpty();
    device.refuse = false;
    begin(false);
    rotation.abort(device, source);
  }

  @Test
  void changesNothingWhenTheStateDirectoryCannotBeWritten() throws Exception {
    Files.writeString(directory.resolve("rotations"), "a file where a directory should be");
    assertThatThrownBy(() -> begin(false)).hasMessageContaining("make agent.state_dir writable");
    assertThat(next()).doesNotExist();
    assertThat(device.own).isEqualTo(oldKey);
  }

  @Test
  void goesOnWhenTheKeyFileCannotBeReplaced() throws Exception {
    RotationStatus begun = begin(false);
    Files.delete(keyFile);
    Files.createDirectories(keyFile.resolve("not empty"));
    assertThatThrownBy(() -> rotation.commit(device, source))
        .hasMessageContaining("cannot replace " + keyFile);
    assertThat(rotation.status()).contains(begun);
    assertThat(device.former).isEqualTo(oldKey);
    assertThat(new RotationStore(directory).load("default").orElseThrow().committing()).isFalse();
    Files.delete(keyFile.resolve("not empty"));
    Files.delete(keyFile);
    Files.writeString(keyFile, "in the way");
    rotation.commit(device, source);
    assertThat(publicKeyIn(keyFile)).isEqualTo(begun.publicKey());
  }

  private void assertRefused(Step step, String message) {
    assertThatThrownBy(step::run)
        .isInstanceOfSatisfying(
            RotationException.class,
            refused ->
                assertThat(refused.reason()).isEqualTo(RotationException.Reason.INVALID_STATE))
        .hasMessageContaining(message);
  }

  private void assertNothingIsRemembered() throws IOException {
    assertThat(new RotationStore(directory).load("default")).isEmpty();
  }

  private RotationStatus begin(boolean now) throws RotationException {
    return rotation.begin(device, source, now, HOUR, clock.nowNs());
  }

  private void tick() throws RotationException {
    rotation.tick(device, source, clock.nowNs());
  }

  /** As after SIGKILL: the device has the key of the file, and nothing else is known. */
  private void restart() throws UnusableKeyException {
    device.close();
    device = new FakeDevice(publicKeyIn(keyFile), CORE, LAPTOP);
    rotation = newRotation();
    rotation.resume(device, source, clock.nowNs());
  }

  private Rotation newRotation() {
    return new Rotation(
        "default",
        new RotationPorts(
            new RotationStore(directory), keys, new SeededEntropy(clock.nowNs() + 7), clock),
        (status, moved, reason) ->
            heard.add(
                status.phase().code()
                    + " "
                    + status.peersMoved()
                    + moved.map(peer -> peer.equals(CORE) ? " core" : " laptop").orElse("")
                    + reason.map(why -> " (" + why + ")").orElse("")));
  }

  private Path next() {
    return keyFile.resolveSibling("private.key.next");
  }

  private PublicKey publicKeyIn(Path file) throws UnusableKeyException {
    KeySource named = new KeySource.File(file, false, "", Position.WHOLE_FILE);
    try (SecretKey key = new KeyReader(Map.of()).read(named, keys)) {
      key.clamp();
      return key.publicKey();
    }
  }

  @FunctionalInterface
  private interface Step {
    void run() throws RotationException;
  }

  /** What the engine does, without engine. */
  private static final class FakeDevice implements RotatingDevice {
    private final List<PublicKey> peers;
    private final Set<PublicKey> moved = new LinkedHashSet<>();
    private PublicKey own;
    private @Nullable PublicKey former;
    private @Nullable SecretKey held;
    private int questions;
    private boolean refuse;

    FakeDevice(PublicKey own, PublicKey... peers) {
      this.own = own;
      this.peers = List.of(peers);
    }

    @Override
    public void beginRotation(SecretKey newKey, Set<PublicKey> known) throws DeviceException {
      if (refuse) {
        newKey.close();
        throw new DeviceException(DeviceException.Reason.CLOSED, "device wg0 has ended");
      }
      close();
      held = newKey;
      former = own;
      own = newKey.publicKey();
      moved.addAll(known);
    }

    @Override
    public void askWhetherMoved() {
      questions++;
    }

    @Override
    public void endRotation(boolean commit) {
      PublicKey before = former;
      if (!commit && before != null) {
        own = before;
      }
      former = null;
    }

    @Override
    public DeviceSnapshot snapshot() {
      List<PeerSnapshot> seen = new ArrayList<>();
      for (PublicKey peer : peers) {
        Optional<PublicKey> identity = moved.contains(peer) ? Optional.of(own) : Optional.empty();
        seen.add(Snapshots.peerThatKnowsUsAs(peer, identity));
      }
      return Snapshots.device(Optional.of(own), Optional.ofNullable(former), seen);
    }

    void close() {
      if (held != null) {
        held.close();
        held = null;
      }
    }
  }
}
