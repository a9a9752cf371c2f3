package cloud.runbeam.wgagent.platform.linux.udp;

import cloud.runbeam.wgagent.engine.io.DatagramBatch;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import cloud.runbeam.wgagent.engine.io.UdpTransport.SendOutcome;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.SharedDescriptor;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;

/**
 * Sends batches; one thread's.
 *
 * <pre>
 *   send:  compose: datagrams -> messages, neighbours of one length to one endpoint as a train
 *          transmit: sendmmsg; on a refusal of the first message left, by errno:
 *            source not usable     -> the message again without its source
 *            train refused         -> its datagrams one by one
 *            buffer full           -> back-pressure was tried (SO_SNDTIMEO); a short rest, once
 *            anything else         -> the outcome says it; on with the next message
 * </pre>
 *
 * <p>Order is kept: messages leave in the order of their datagrams, and a message is done with
 * before the next is tried.
 */
final class LinuxUdpSender implements UdpTransport.Sender {
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_DONTWAIT = 0x40;

  /** Messages per call. */
  private static final int MAX_MESSAGES = 64;

  /** Pieces of memory per call: a train of datagrams that do not touch has one for each. */
  private static final int MAX_VECTORS = 256;

  /** Where a single datagram is put while a train's other messages wait their turn. */
  private static final int SINGLE = MAX_MESSAGES;

  private static final int SINGLE_VECTOR = MAX_VECTORS;

  /** Datagrams in a train: what every kernel with UDP_SEGMENT takes (UDP_MAX_SEGMENTS). */
  private static final int MAX_TRAIN = 64;

  /** Bytes in a train: it travels the stack as one IPv4 datagram. */
  private static final int MAX_TRAIN_BYTES = 65_507;

  /** Trains refused with none sent in between, after which no more are tried on this socket. */
  private static final int REFUSALS_BEFORE_OFF = 16;

  private static final int REST_MS = 1;

  private final SharedDescriptor descriptor;
  private final boolean ipv6;
  private final Offload offload;
  private final SourceChecks sources;
  private final SystemCalls calls;
  private final MessageSlots slots =
      new MessageSlots(MAX_MESSAGES + 1, MAX_VECTORS + 1, ControlMessages.SEND_BYTES);

  // What the composed messages are made of: datagrams first[m] until first[m + 1].
  private final int[] first = new int[MAX_MESSAGES + 1];
  private final int[] segmentLengths = new int[MAX_MESSAGES + 1];
  private final boolean[] sourceless = new boolean[MAX_MESSAGES + 1];
  private int composedVectors;
  private int trainRefusals;
  private boolean rested;
  private int flags;
  private boolean closed;

  LinuxUdpSender(
      SharedDescriptor descriptor,
      boolean ipv6,
      Offload offload,
      SourceChecks sources,
      SystemCalls calls) {
    this.descriptor = descriptor;
    this.ipv6 = ipv6;
    this.offload = offload;
    this.sources = sources;
    this.calls = calls;
  }

  @Override
  public int send(DatagramBatch batch) {
    int size = batch.size();
    if (closed || !descriptor.enter()) {
      return give(batch, 0, size, SendOutcome.CLOSED);
    }
    try {
      rested = false;
      flags = MSG_NOSIGNAL;
      int losses = 0;
      int next = 0;
      while (next < size) {
        if (isBeyondFamily(batch.destination(next))) {
          losses += give(batch, next, next + 1, SendOutcome.UNREACHABLE);
          next++;
          continue;
        }
        int messages = compose(batch, next);
        losses += transmit(batch, messages);
        next = first[messages];
      }
      return losses;
    } finally {
      descriptor.leave();
    }
  }

  private boolean isBeyondFamily(Endpoint endpoint) {
    return !ipv6 && !endpoint.isIpv4();
  }

  // Compose.

  /**
   * Makes messages of the datagrams from {@code from} on, as many as there is room for; at least 1.
   */
  private int compose(DatagramBatch batch, int from) {
    int size = batch.size();
    int next = from;
    int messages = 0;
    composedVectors = 0;
    while (next < size
        && messages < MAX_MESSAGES
        && composedVectors < MAX_VECTORS
        && !isBeyondFamily(batch.destination(next))) {
      first[messages] = next;
      next = composeMessage(batch, messages, next);
      messages++;
    }
    first[messages] = next;
    return messages;
  }

  /** Makes message {@code message} of datagram {@code index} and those that may ride along. */
  private int composeMessage(DatagramBatch batch, int message, int index) {
    PacketBatch packets = batch.packets();
    int vector = composedVectors;
    int segmentBytes = packets.length(index);
    int end = offload.isOn() ? trainEnd(batch, index) : index + 1;
    int run = packets.offset(index);
    int runBytes = segmentBytes;
    int vectors = 0;
    for (int i = index + 1; i < end; i++) {
      if (packets.offset(i) == run + runBytes) {
        runBytes += packets.length(i);
      } else {
        setVector(packets, vector + vectors, run, runBytes);
        vectors++;
        run = packets.offset(i);
        runBytes = packets.length(i);
      }
    }
    setVector(packets, vector + vectors, run, runBytes);
    vectors++;
    composedVectors += vectors;
    slots.setVectors(message, vector, vectors);
    address(batch.destination(index), message, end - index > 1 ? segmentBytes : 0, true);
    return end;
  }

  /** Where the train that begins with datagram {@code index} ends. */
  private int trainEnd(DatagramBatch batch, int index) {
    PacketBatch packets = batch.packets();
    Endpoint destination = batch.destination(index);
    int segmentBytes = packets.length(index);
    int limit = Math.min(batch.size(), index + Math.min(MAX_TRAIN, MAX_VECTORS - composedVectors));
    int bytes = segmentBytes;
    int end = index + 1;
    while (end < limit && segmentBytes > 0) {
      int length = packets.length(end);
      bytes += length;
      if (length > segmentBytes
          || length == 0
          || bytes > MAX_TRAIN_BYTES
          || !destination.equals(batch.destination(end))) {
        break;
      }
      end++;
      if (length < segmentBytes) {
        // Only the last may be shorter.
        break;
      }
    }
    return end;
  }

  private void setVector(PacketBatch packets, int vector, int offset, int bytes) {
    slots.setVector(vector, SystemCalls.address(packets.memory(), offset, bytes), bytes);
  }

  /** Writes where message {@code message} goes and, if wanted and chosen, where it comes from. */
  private void address(Endpoint endpoint, int message, int segmentBytes, boolean wanted) {
    boolean withSource = wanted && endpoint.hasSource() && sources.isGood(endpoint);
    slots.setNameLength(
        message, SocketAddress.writeRemote(slots.names(), slots.name(message), endpoint, ipv6));
    int control = 0;
    segmentLengths[message] = segmentBytes;
    sourceless[message] = endpoint.hasSource() && !withSource;
    if (withSource) {
      control += ControlMessages.writeSource(slots.controls(), slots.control(message), endpoint);
    }
    if (segmentBytes > 0) {
      control +=
          ControlMessages.writeSegment(
              slots.controls(), slots.control(message) + control, segmentBytes);
    }
    slots.setControlLength(message, control);
  }

  // Transmit.

  /** Sends the composed messages; the number of datagrams that were not simply sent. */
  private int transmit(DatagramBatch batch, int messages) {
    int losses = 0;
    int done = 0;
    while (done < messages) {
      int result =
          calls.sendmmsg(
              descriptor.number(), slots.address(done, messages - done), messages - done, flags);
      for (int i = 0; i < result; i++) {
        losses += sent(batch, done);
        done++;
      }
      if (result <= 0) {
        int errno = -result;
        int from = first[done];
        int to = first[done + 1];
        if (canRetry(batch.destination(from), done, errno)) {
          continue;
        }
        losses +=
            to - from > 1 && isTrainRefusal(errno)
                ? sendSingly(batch, from, to, errno)
                : give(batch, from, to, outcome(errno));
        done++;
      }
    }
    return losses;
  }

  private int sent(DatagramBatch batch, int message) {
    if (first[message + 1] - first[message] > 1) {
      trainRefusals = 0;
    }
    SendOutcome outcome = sourceless[message] ? SendOutcome.SENT_WITHOUT_SOURCE : SendOutcome.SENT;
    return give(batch, first[message], first[message + 1], outcome);
  }

  /** Sends the datagrams of a refused train one by one. */
  private int sendSingly(DatagramBatch batch, int from, int to, int errno) {
    noteRefusal(errno);
    int losses = 0;
    for (int i = from; i < to; i++) {
      PacketBatch packets = batch.packets();
      setVector(packets, SINGLE_VECTOR, packets.offset(i), packets.length(i));
      slots.setVectors(SINGLE, SINGLE_VECTOR, 1);
      Endpoint destination = batch.destination(i);
      address(destination, SINGLE, 0, true);
      int result;
      do {
        result = calls.sendmmsg(descriptor.number(), slots.address(SINGLE, 1), 1, flags);
      } while (result < 0 && canRetry(destination, SINGLE, -result));
      SendOutcome outcome =
          result < 0
              ? outcome(-result)
              : sourceless[SINGLE] ? SendOutcome.SENT_WITHOUT_SOURCE : SendOutcome.SENT;
      losses += give(batch, i, i + 1, outcome);
    }
    return losses;
  }

  /**
   * EIO: the device cannot checksum segments, and will not learn it. EINVAL, EMSGSIZE: a segment is
   * longer than the path's MTU, or a kernel that dislikes this train (some of 6.6, a short last
   * segment); other trains may pass.
   */
  private static boolean isTrainRefusal(int errno) {
    return errno == Errno.EIO || errno == Errno.EINVAL || errno == Errno.EMSGSIZE;
  }

  private void noteRefusal(int errno) {
    trainRefusals++;
    if (errno == Errno.EIO || trainRefusals >= REFUSALS_BEFORE_OFF) {
      offload.switchOff("sendmmsg with UDP_SEGMENT: " + Errno.describe(errno));
    }
  }

  /** Whether message {@code message} should be tried again, which this prepares. */
  private boolean canRetry(Endpoint endpoint, int message, int errno) {
    return switch (errno) {
      case Errno.EINTR -> true;
      case Errno.EAGAIN -> {
        // SO_SNDTIMEO has passed: one wait per batch is enough.
        flags |= MSG_DONTWAIT;
        yield false;
      }
      case Errno.ENOBUFS, Errno.ENOMEM -> {
        // A device's queue is full, and nothing tells when it no longer is.
        boolean again = !rested;
        rested = true;
        yield again && !descriptor.pause(REST_MS);
      }
      case Errno.EINVAL, Errno.EADDRNOTAVAIL, Errno.ENODEV, Errno.ENETUNREACH -> {
        boolean again = endpoint.hasSource() && !sourceless[message];
        if (again) {
          address(endpoint, message, segmentLengths[message], false);
        }
        yield again;
      }
      default -> false;
    };
  }

  // Outcomes.

  /** The only place that gives an errno its meaning for a datagram. */
  private SendOutcome outcome(int errno) {
    return switch (errno) {
      case Errno.ENETUNREACH,
          Errno.EHOSTUNREACH,
          Errno.ENETDOWN,
          Errno.EHOSTDOWN,
          Errno.ENONET,
          Errno.EAFNOSUPPORT,
          Errno.EADDRNOTAVAIL ->
          SendOutcome.UNREACHABLE;
      case Errno.EAGAIN, Errno.ENOBUFS, Errno.ENOMEM -> SendOutcome.NO_BUFFER;
      case Errno.EMSGSIZE -> SendOutcome.TOO_LARGE;
      case Errno.EPERM, Errno.EACCES -> SendOutcome.REFUSED;
      case Errno.EPIPE, Errno.EBADF -> SendOutcome.CLOSED;
      default -> descriptor.isClosing() ? SendOutcome.CLOSED : SendOutcome.FAILED;
    };
  }

  /** Gives datagrams {@code from} until {@code to} one outcome; how many were not simply sent. */
  private static int give(DatagramBatch batch, int from, int to, SendOutcome outcome) {
    for (int i = from; i < to; i++) {
      batch.setOutcome(i, outcome);
    }
    return outcome == SendOutcome.SENT ? 0 : to - from;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      slots.close();
    }
  }
}
