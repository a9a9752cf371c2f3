package cloud.runbeam.wgagent.engine.testkit;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * An internet in memory: hosts with addresses, UDP sockets, NAT, and a seeded mixture of loss,
 * duplication, delay and reordering.
 *
 * <pre>
 *   host.open() ─▶ ToySocket ─send─▶ [NAT] ─▶ tap, filter, chance ─▶ under way ─deliverDue─▶ [NAT] ─▶ ToySocket ─▶ receive
 * </pre>
 *
 * <p>Without delay, datagrams arrive while they are sent, so that devices with threads of their own
 * can talk. With delay they arrive when the test has moved the clock and calls {@link #deliverDue}.
 * Any thread; one lock for everything.
 */
public final class ToyNetwork {
  /** A datagram and when it arrives; those of one time in the order they were sent. */
  private record UnderWay(long arrivesAtNs, long order, Datagram datagram) {}

  private final ManualClock clock;
  private final SplittableRandom random;
  private final Map<Address, ToyHost> hosts = new HashMap<>();
  private final PriorityQueue<UnderWay> underWay =
      new PriorityQueue<>((a, b) ->
          a.arrivesAtNs == b.arrivesAtNs
              ? Long.compare(a.order, b.order)
              : Long.signum(a.arrivesAtNs - b.arrivesAtNs));
  private LinkConditions conditions = LinkConditions.PERFECT;
  private Consumer<Datagram> tap = datagram -> {};
  private Predicate<Datagram> passes = datagram -> true;
  private long sent;
  private long lost;

  /** An address without port, as the key of a host. */
  record Address(long high, long low) {
    static Address of(Endpoint endpoint) {
      return new Address(endpoint.addressHigh(), endpoint.addressLow());
    }
  }

  /** A network without hosts whose chance follows {@code random}. */
  public ToyNetwork(ManualClock clock, SplittableRandom random) {
    this.clock = clock;
    this.random = random;
  }

  /** A host with one address, written as text: {@code 192.0.2.1} or {@code 2001:db8::1}. */
  public synchronized ToyHost host(String address) {
    ToyHost host = new ToyHost(this, ToyHost.endpoint(address, 1));
    claim(Address.of(host.address()), host);
    return host;
  }

  synchronized void claim(Address address, ToyHost host) {
    if (hosts.putIfAbsent(address, host) != null) {
      throw new IllegalArgumentException("address in use: " + address);
    }
  }

  /** Changes what happens to datagrams sent from now on. */
  public synchronized void conditions(LinkConditions newConditions) {
    conditions = newConditions;
  }

  /** Shows every datagram sent from now on, also those that get lost, to {@code listener}. */
  public synchronized void tap(Consumer<Datagram> listener) {
    tap = listener;
  }

  /** Lets only those datagrams pass that {@code predicate} accepts. */
  public synchronized void filter(Predicate<Datagram> predicate) {
    passes = predicate;
  }

  /** Puts a datagram on its way that nobody sent, spoofed source included. */
  public synchronized void inject(Datagram datagram) {
    dispatch(datagram);
  }

  /** Datagrams that hosts sent so far. */
  public synchronized long sent() {
    return sent;
  }

  /**
   * Datagrams that got lost so far: by chance, filter, or because nobody was there to receive them.
   */
  public synchronized long lost() {
    return lost;
  }

  /** Datagrams under way. */
  public synchronized int underWay() {
    return underWay.size();
  }

  synchronized void send(Datagram datagram) {
    sent++;
    tap.accept(datagram);
    if (!passes.test(datagram) || random.nextDouble() < conditions.loss()) {
      lost++;
      return;
    }
    dispatch(datagram);
    if (random.nextDouble() < conditions.duplication()) {
      dispatch(datagram);
    }
  }

  private void dispatch(Datagram datagram) {
    long least = conditions.leastDelay().toNanos();
    long most = conditions.mostDelay().toNanos();
    long delay = least == most ? least : random.nextLong(least, most + 1);
    if (delay == 0) {
      arrive(datagram);
    } else {
      underWay.add(new UnderWay(clock.nowNs() + delay, sent, datagram));
    }
  }

  /** Hands over everything whose time has come; returns how much that was. */
  public synchronized int deliverDue() {
    List<Datagram> due = new ArrayList<>();
    while (!underWay.isEmpty() && underWay.peek().arrivesAtNs - clock.nowNs() <= 0) {
      due.add(underWay.remove().datagram);
    }
    due.forEach(this::arrive);
    return due.size();
  }

  private void arrive(Datagram datagram) {
    ToyHost host = hosts.get(Address.of(datagram.destination()));
    if (host == null || !host.arrive(datagram)) {
      lost++;
    }
  }
}
