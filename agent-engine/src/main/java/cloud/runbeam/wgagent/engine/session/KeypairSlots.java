package cloud.runbeam.wgagent.engine.session;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The up to three keypairs of a peer. Messages are sent with the current one; messages sealed with
 * any of them are received, because they may have been under way while the keys changed.
 *
 * <pre>
 *   we initiated, response came:      previous &lt;-- current &lt;-- new        (next, if any, becomes previous instead)
 *   we responded:                     next &lt;-- new, previous is dropped
 *   first message under next:         previous &lt;-- current &lt;-- next
 * </pre>
 *
 * <p>The rules are the kernel's (drivers/net/wireguard/noise.c, add_new_keypair and
 * wg_noise_received_with_keypair): what the paper asks for in section 6.2 without saying how. A
 * responder's keys are not used for sending before the initiator proved to have them.
 *
 * <p>The conductor writes; any thread reads. A slot is published by release and read by acquire, so
 * that a keypair is seen whole. The three slots are not read as one: a reader that looks at two of
 * them may see a keypair in both or in none while it moves. Senders look at the next one first, so
 * that they find it there or, moved, in the current slot; receivers find keypairs by their index.
 * Each writing method returns the keypairs that have left the slots; the conductor takes them out
 * of the index table and closes them once both packet threads have moved on.
 */
public final class KeypairSlots {
  private static final VarHandle PREVIOUS;
  private static final VarHandle CURRENT;
  private static final VarHandle NEXT;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      PREVIOUS = lookup.findVarHandle(KeypairSlots.class, "previous", Keypair.class);
      CURRENT = lookup.findVarHandle(KeypairSlots.class, "current", Keypair.class);
      NEXT = lookup.findVarHandle(KeypairSlots.class, "next", Keypair.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // The conductor.
  private @Nullable Keypair previous;
  private @Nullable Keypair current;
  private @Nullable Keypair next;

  /**
   * What messages are sealed with, if anything: the next keypair as soon as the initiator has used
   * it, even if the conductor has yet to make it current. An answer to the first message under a
   * new keypair is then sealed with that one, which matters to a peer that knows us by another key
   * now and takes nothing from the old session any more. Any thread.
   */
  public @Nullable Keypair toSend() {
    Keypair coming = next();
    return coming != null && coming.isConfirmed() ? coming : current();
  }

  /** The one in use by both sides, if any. Any thread. */
  public @Nullable Keypair current() {
    return (Keypair) CURRENT.getAcquire(this);
  }

  /** What messages were sealed with before. Any thread. */
  public @Nullable Keypair previous() {
    return (Keypair) PREVIOUS.getAcquire(this);
  }

  /** What will be current once the initiator has used it. Any thread. */
  public @Nullable Keypair next() {
    return (Keypair) NEXT.getAcquire(this);
  }

  /**
   * Takes in the keypair of a completed handshake. The conductor only. Returns the keypairs that
   * left.
   */
  public List<Keypair> install(Keypair keypair) {
    List<Keypair> retired = new ArrayList<>(2);
    if (keypair.initiator()) {
      addIfPresent(retired, previous);
      if (next == null) {
        set(PREVIOUS, current);
      } else {
        // An unconfirmed pair that we answered with: the peer may still use it, the present one it
        // has left behind.
        addIfPresent(retired, current);
        set(PREVIOUS, next);
        set(NEXT, null);
      }
      set(CURRENT, keypair);
    } else {
      addIfPresent(retired, next);
      addIfPresent(retired, previous);
      set(NEXT, keypair);
      set(PREVIOUS, null);
    }
    return retired;
  }

  /**
   * Makes {@code keypair} current because the initiator has used it. The conductor only.
   *
   * @return the keypairs that left; also empty if {@code keypair} is not, or not any more, the next
   *     one
   */
  public List<Keypair> confirm(Keypair keypair) {
    if (next != keypair) {
      return List.of();
    }
    List<Keypair> retired = new ArrayList<>(1);
    addIfPresent(retired, previous);
    set(PREVIOUS, current);
    set(CURRENT, keypair);
    set(NEXT, null);
    return retired;
  }

  /**
   * Stops sending with the keypairs held while they may still receive: the identity changed. The
   * conductor only.
   */
  public void stopSending() {
    if (current != null) {
      current.stopSending();
    }
    if (next != null) {
      next.stopSending();
    }
  }

  /** Empties the slots. The conductor only. Returns the keypairs that left. */
  public List<Keypair> clear() {
    List<Keypair> retired = new ArrayList<>(3);
    addIfPresent(retired, previous);
    addIfPresent(retired, current);
    addIfPresent(retired, next);
    set(PREVIOUS, null);
    set(CURRENT, null);
    set(NEXT, null);
    return retired;
  }

  private void set(VarHandle slot, @Nullable Keypair keypair) {
    slot.setRelease(this, keypair);
  }

  private static void addIfPresent(List<Keypair> list, @Nullable Keypair keypair) {
    if (keypair != null) {
      list.add(keypair);
    }
  }
}
