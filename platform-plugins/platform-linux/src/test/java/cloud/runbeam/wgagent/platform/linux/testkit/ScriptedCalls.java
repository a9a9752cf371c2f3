package cloud.runbeam.wgagent.platform.linux.testkit;

import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.IntUnaryOperator;

/** The system's calls, of which some are refused on demand. Refusals are negated error numbers. */
public final class ScriptedCalls extends SystemCalls {
  /** For {@link #refuseSetns}. */
  private int setns;

  private long ioctlRequest;
  private int ioctl;
  private final Deque<Integer> receiveRefusals = new ArrayDeque<>();
  private IntUnaryOperator sendRefusal = count -> 0;
  private int sends;
  private int lastSendCount;
  private int socketFamily = -1;
  private int socket;
  private int optionName = -1;
  private int option;

  /** Refuses to enter namespaces. */
  public ScriptedCalls refuseSetns(int errno) {
    setns = -errno;
    return this;
  }

  /** Refuses one ioctl. */
  public ScriptedCalls refuseIoctl(long request, int errno) {
    ioctlRequest = request;
    ioctl = -errno;
    return this;
  }

  /** Refuses sockets of one family. */
  public ScriptedCalls refuseSocket(int family, int errno) {
    socketFamily = family;
    socket = -errno;
    return this;
  }

  /** Refuses one socket option. */
  public ScriptedCalls refuseOption(int name, int errno) {
    optionName = name;
    option = -errno;
    return this;
  }

  /** Refuses the next receive; several are refused one after the other. */
  public ScriptedCalls refuseReceive(int... errnos) {
    for (int errno : errnos) {
      receiveRefusals.add(-errno);
    }
    return this;
  }

  /**
   * Decides about each send: called with its number from 0 on, answers 0 to let it pass or the
   * error number.
   */
  public ScriptedCalls refuseSend(IntUnaryOperator errnoOfSend) {
    sendRefusal = errnoOfSend;
    return this;
  }

  /** How many sends were asked for. */
  public int sends() {
    return sends;
  }

  /** How many messages the last send had. */
  public int lastSendCount() {
    return lastSendCount;
  }

  @Override
  public int setns(int descriptor, int type) {
    return setns != 0 ? setns : super.setns(descriptor, type);
  }

  @Override
  public int ioctl(int descriptor, long request, long argument) {
    return ioctl != 0 && request == ioctlRequest
        ? ioctl
        : super.ioctl(descriptor, request, argument);
  }

  @Override
  public int socket(int family, int type, int protocol) {
    return family == socketFamily ? socket : super.socket(family, type, protocol);
  }

  @Override
  public int setsockopt(int descriptor, int level, int name, long value, int length) {
    return name == optionName ? option : super.setsockopt(descriptor, level, name, value, length);
  }

  @Override
  public int recvmmsg(int descriptor, long messages, int count, int flags) {
    Integer refusal = receiveRefusals.poll();
    return refusal != null ? refusal : super.recvmmsg(descriptor, messages, count, flags);
  }

  @Override
  public int sendmmsg(int descriptor, long messages, int count, int flags) {
    int errno = sendRefusal.applyAsInt(sends);
    sends++;
    lastSendCount = count;
    return errno != 0 ? -errno : super.sendmmsg(descriptor, messages, count, flags);
  }
}
