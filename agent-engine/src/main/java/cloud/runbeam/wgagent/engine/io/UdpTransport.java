package cloud.runbeam.wgagent.engine.io;

import java.io.IOException;
import java.util.List;

/**
 * Bound UDP sockets for IPv4 and IPv6 on one port, open from {@link Provider#open} until {@link
 * #close}. To change the port, open another.
 *
 * <p>One thread receives. Each sending thread has a {@link Sender} of its own. {@link #close} may
 * be called by any thread, wakes a blocked receiver, and is idempotent; the sockets and scratch
 * memory are released once the last {@link Sender} and a receiver inside {@link #receive} can no
 * longer touch them.
 */
public interface UdpTransport extends AutoCloseable {
  /** Opens transports; the engine's only way to a socket. Any thread. */
  @FunctionalInterface
  interface Provider {
    /**
     * Binds to all local addresses. IPv6 is left out on hosts without it.
     *
     * @param port 1 to 65,535, or 0 for any free port
     * @param fwmark value for {@code SO_MARK} where the system has it, 0 for none
     * @throws IOException naming the call and the reason, for example that the port is taken
     */
    UdpTransport open(int port, int fwmark) throws IOException;
  }

  /** The port in use. */
  int localPort();

  /** Changes the mark of packets sent from now on. */
  void setFwmark(int fwmark) throws IOException;

  /**
   * Clears {@code batch} and fills it with datagrams and their source endpoints (remote and local
   * address): blocks until there is at least one, then takes what is there without blocking again,
   * as far as the batch has room. Trains that the kernel coalesced are delivered as the datagrams
   * they consist of. Transient socket errors are absorbed (and must not spin).
   *
   * <p>Datagrams from port 0, to which nobody can answer (RFC 768), are not delivered.
   *
   * @return the number of datagrams, at least 1; or -1 once the transport is closed
   */
  int receive(DatagramBatch batch) throws IOException;

  /**
   * What the sockets' kernel does for us, and why not more; for people and metrics. It may change:
   * some refusals show with traffic only. Any thread.
   */
  default List<OffloadState> offloads() {
    return List.of();
  }

  /** A sender with scratch memory of its own, for one thread. */
  Sender newSender();

  /**
   * Closes the sockets; a blocked {@link #receive} returns -1, later sends fail with {@link
   * SendOutcome#CLOSED}.
   */
  @Override
  void close();

  /** Sends from one thread. */
  interface Sender extends AutoCloseable {
    /**
     * Sends every datagram of {@code batch} to the endpoint beside it, in order; adjacent ones of
     * one length to one endpoint may leave as a train. Sets {@link DatagramBatch#outcome} of each.
     *
     * @return the number of datagrams whose outcome is not {@link SendOutcome#SENT}
     */
    int send(DatagramBatch batch);

    @Override
    void close();
  }

  /** What became of a datagram. */
  enum SendOutcome {
    /** The kernel took it. */
    SENT,
    /**
     * The kernel took it after the sticky source had to be given up (EINVAL, EADDRNOTAVAIL): the
     * peer should forget its source.
     */
    SENT_WITHOUT_SOURCE,
    /** No route or network to the endpoint (ENETUNREACH, EHOSTUNREACH, ENETDOWN). */
    UNREACHABLE,
    /** Socket buffer or device queue full (EAGAIN, ENOBUFS, ENOMEM) after a bounded wait. */
    NO_BUFFER,
    /** Larger than the path allows (EMSGSIZE). */
    TOO_LARGE,
    /** Refused by firewall or policy (EPERM, EACCES). */
    REFUSED,
    /** The transport is closed. */
    CLOSED,
    /** Anything else. */
    FAILED;

    /** Whether the datagram did not leave. */
    public boolean isLoss() {
      return this != SENT && this != SENT_WITHOUT_SOURCE;
    }
  }
}
