package cloud.runbeam.wgagent.engine.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.testkit.UnguardedMemory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeypairSlotsTest {
  private final KeyArena keys = new KeyArena(new UnguardedMemory(), 16);
  private final KeypairSlots slots = new KeypairSlots();
  private int indexes;

  @AfterEach
  void closeKeys() {
    keys.close();
  }

  @Test
  void anInitiatorSendsWithTheNewKeypairAtOnce() {
    Keypair first = initiated();
    assertThat(slots.install(first)).isEmpty();
    expectSlots(null, first, null);

    Keypair second = initiated();
    assertThat(slots.install(second)).isEmpty();
    expectSlots(first, second, null);

    Keypair third = initiated();
    assertThat(slots.install(third)).containsExactly(first);
    expectSlots(second, third, null);
  }

  @Test
  void aResponderWaitsForTheFirstMessageUnderTheNewKeypair() {
    Keypair first = initiated();
    slots.install(first);
    Keypair answered = responded();

    assertThat(slots.install(answered)).isEmpty();
    expectSlots(null, first, answered);
    assertThat(slots.confirm(answered)).isEmpty();
    expectSlots(first, answered, null);
  }

  @Test
  void whatTheInitiatorHasUsedIsSentWithBeforeItIsCurrent() {
    Keypair first = initiated();
    slots.install(first);
    Keypair answered = responded();
    slots.install(answered);
    assertThat(slots.toSend()).isSameAs(first);

    answered.confirm(); // The inbound thread; the conductor follows.
    assertThat(slots.current()).isSameAs(first);
    assertThat(slots.toSend()).isSameAs(answered);
    slots.confirm(answered);
    assertThat(slots.toSend()).isSameAs(answered);
  }

  @Test
  void anAnswerDropsThePreviousAndAnUnusedNextKeypair() {
    Keypair first = initiated();
    Keypair second = initiated();
    slots.install(first);
    slots.install(second);
    Keypair unused = responded();
    assertThat(slots.install(unused)).containsExactly(first);
    Keypair answered = responded();

    assertThat(slots.install(answered)).containsExactly(unused);
    expectSlots(null, second, answered);
  }

  @Test
  void whenBothInitiateTheUnconfirmedKeypairBecomesThePreviousOne() {
    Keypair current = initiated();
    Keypair answered = responded();
    slots.install(current);
    slots.install(answered);
    Keypair initiated = initiated();

    assertThat(slots.install(initiated)).containsExactly(current);
    expectSlots(answered, initiated, null);
  }

  @Test
  void confirmsOnlyTheNextKeypair() {
    Keypair current = initiated();
    Keypair next = responded();
    slots.install(current);
    slots.install(next);

    assertThat(slots.confirm(current)).isEmpty();
    assertThat(slots.confirm(responded())).isEmpty();
    expectSlots(null, current, next);
    slots.confirm(next);
    assertThat(slots.confirm(next)).isEmpty();
    expectSlots(current, next, null);
  }

  @Test
  void handsOutEverythingWhenCleared() {
    Keypair first = initiated();
    Keypair second = initiated();
    slots.install(first);
    slots.install(second);

    assertThat(slots.clear()).containsExactly(first, second);
    expectSlots(null, null, null);
    assertThat(slots.clear()).isEmpty();
  }

  @Test
  void stopsSendingButNotReceivingWhenTheIdentityChanges() {
    Keypair current = initiated();
    Keypair next = responded();
    slots.install(current);
    slots.install(next);
    slots.stopSending();

    assertThat(current.maySend()).isFalse();
    assertThat(next.maySend()).isFalse();
    assertThat(current.receiveKey().isZero()).isTrue();
    assertThat(slots.current()).isSameAs(current);
  }

  @Test
  void aRespondersKeypairIsConfirmedByItsFirstMessageOnly() {
    Keypair answered = responded();
    assertThat(answered.isConfirmed()).isFalse();
    assertThat(answered.confirm()).isTrue();
    assertThat(answered.confirm()).isFalse();
    assertThat(answered.isConfirmed()).isTrue();
    assertThat(initiated().confirm()).isFalse();
  }

  @Test
  void mayNotSendOnceTheCounterIsUsedUp() {
    Keypair keypair = initiated();
    assertThat(keypair.maySend()).isTrue();
    keypair.sendCounter().skipTo(SendCounter.REJECT_AFTER_MESSAGES);
    assertThat(keypair.maySend()).isFalse();
  }

  @Test
  void wipesBothKeysWhenClosed() {
    Keypair keypair = initiated();
    int before = keys.keysInUse();
    keypair.close();
    keypair.close();

    assertThat(keys.keysInUse()).isEqualTo(before - 2);
    assertThatIllegalStateException().isThrownBy(() -> keypair.sendKey().bytes());
    assertThatIllegalStateException().isThrownBy(() -> keypair.receiveKey().bytes());
  }

  @Test
  void tellsItsAgeAndIndexesAndNoKey() {
    Keypair keypair =
        new Keypair(0xCAFE, 0xBEEF, keys.allocate(), keys.allocate(), true, Long.MAX_VALUE);

    assertThat(keypair.ageNs(Long.MIN_VALUE)).isEqualTo(1);
    assertThat(keypair).hasToString("Keypair[local=cafe, remote=beef, initiator]");
  }

  private Keypair initiated() {
    return new Keypair(indexes++, indexes++, keys.allocate(), keys.allocate(), true, 0);
  }

  private Keypair responded() {
    return new Keypair(indexes++, indexes++, keys.allocate(), keys.allocate(), false, 0);
  }

  private void expectSlots(
      @Nullable Keypair previous, @Nullable Keypair current, @Nullable Keypair next) {
    assertThat(slots.previous()).isSameAs(previous);
    assertThat(slots.current()).isSameAs(current);
    assertThat(slots.next()).isSameAs(next);
  }
}
