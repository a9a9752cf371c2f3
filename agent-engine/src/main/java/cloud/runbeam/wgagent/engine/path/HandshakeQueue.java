package cloud.runbeam.wgagent.engine.path;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.memory.PacketBuffer;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Handshake and cookie messages on their way from the inbound thread to the conductor: bounded,
 * because strangers fill it.
 */
final class HandshakeQueue {
  /** As the kernel's MAX_QUEUED_INCOMING_HANDSHAKES, scaled to one device of one process. */
  static final int CAPACITY = 1024;

  /**
   * A message that passed the gate.
   *
   * @param type initiation, response or cookie reply
   * @param content the message; whoever polls it closes it
   * @param origin where it came from and arrived at
   * @param receivedNs when it was read from the socket
   */
  record Message(int type, PacketBuffer content, Endpoint origin, long receivedNs) {}

  private final MpscVarHandleArrayQueue<Message> messages = new MpscVarHandleArrayQueue<>(CAPACITY);
  private final ConductorWaker waker;

  HandshakeQueue(ConductorWaker waker) {
    this.waker = waker;
  }

  /** Adds a message and wakes the conductor; false when full, and the buffer stays the caller's. */
  boolean offer(int type, PacketBuffer content, Endpoint origin, long receivedNs) {
    if (!messages.offer(new Message(type, content, origin, receivedNs))) {
      return false;
    }
    waker.wake();
    return true;
  }

  /** Takes the oldest message; conductor. */
  @Nullable Message poll() {
    return messages.poll();
  }

  /** Whether nothing waits. */
  boolean isEmpty() {
    return messages.isEmpty();
  }

  /** How many messages wait; an estimate while others add and take. Any thread. */
  int size() {
    return messages.size();
  }

  /** Gives all buffers back; conductor, at the end. */
  void discard() {
    for (Message message = messages.poll(); message != null; message = messages.poll()) {
      message.content().close();
    }
  }
}
