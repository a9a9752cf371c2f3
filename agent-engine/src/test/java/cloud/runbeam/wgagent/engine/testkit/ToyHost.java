package cloud.runbeam.wgagent.engine.testkit;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.IpLiteral;
import cloud.runbeam.wgagent.engine.io.UdpTransport;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A machine on a {@link ToyNetwork}: opens sockets on its address, or behind a NAT that lends it
 * ports of another address.
 *
 * <p>The NAT is of the kind that WireGuard must live with: a mapping is made by the first datagram
 * outward and lets datagrams in from anybody (full cone), and it may change at any time ({@link
 * #rebindNat}).
 */
public final class ToyHost implements UdpTransport.Provider {
  private static final int FIRST_EPHEMERAL_PORT = 40_000;
  private static final int FIRST_NAT_PORT = 20_000;

  private final ToyNetwork network;
  private final Endpoint address;

  // Under the network's lock.
  private final Map<Integer, ToySocket> sockets = new HashMap<>();
  private final Map<Integer, Integer> natPortByLocalPort = new HashMap<>();
  private final Map<Integer, Integer> localPortByNatPort = new HashMap<>();
  private @Nullable Endpoint natAddress;
  private int nextNatPort = FIRST_NAT_PORT;
  private UdpTransport.@Nullable SendOutcome refusal;
  private @Nullable String openFailure;
  private int opened;

  ToyHost(ToyNetwork network, Endpoint address) {
    this.network = network;
    this.address = address;
  }

  /** The endpoint of an address in text and a port. */
  public static Endpoint endpoint(String address, int port) {
    IpLiteral literal = IpLiteral.parse(address);
    return literal.ipv6()
        ? Endpoint.ipv6(literal.high(), literal.low(), port, 0)
        : Endpoint.ipv4((int) (literal.high() >>> 32), port);
  }

  /** Where others reach {@code port} of this host, as long as there is no NAT. */
  public Endpoint endpoint(int port) {
    return withPort(address, port);
  }

  Endpoint address() {
    return address;
  }

  ToyNetwork network() {
    return network;
  }

  /** Puts the host behind a NAT with {@code publicAddress}. */
  public void behindNat(String publicAddress) {
    synchronized (network) {
      natAddress = endpoint(publicAddress, 1);
      network.claim(ToyNetwork.Address.of(natAddress), this);
    }
  }

  /**
   * Lets the NAT forget its mappings, as a restarted router does: the next datagram leaves from
   * another port.
   */
  public void rebindNat() {
    synchronized (network) {
      natPortByLocalPort.clear();
      localPortByNatPort.clear();
    }
  }

  /** Lets every send fail from now on, or work again with null. */
  public void refuseSends(UdpTransport.@Nullable SendOutcome outcome) {
    synchronized (network) {
      refusal = outcome;
    }
  }

  /** Lets every opening of a socket fail with this message from now on, or work again with null. */
  public void refuseOpening(@Nullable String message) {
    synchronized (network) {
      openFailure = message;
    }
  }

  /** How many sockets were opened so far. */
  public int opened() {
    synchronized (network) {
      return opened;
    }
  }

  /** Sockets that are open now. */
  public int openSockets() {
    synchronized (network) {
      return sockets.size();
    }
  }

  @Override
  public UdpTransport open(int port, int fwmark) throws IOException {
    synchronized (network) {
      if (openFailure != null) {
        throw new IOException(openFailure);
      }
      int bound = port;
      if (bound == 0) {
        bound = FIRST_EPHEMERAL_PORT;
        while (sockets.containsKey(bound)) {
          bound++;
        }
      }
      if (sockets.containsKey(bound)) {
        throw new IOException("bind: Address already in use (port " + bound + ")");
      }
      ToySocket socket = new ToySocket(this, bound, fwmark);
      sockets.put(bound, socket);
      opened++;
      return socket;
    }
  }

  // Under the network's lock.

  void closed(ToySocket socket) {
    sockets.remove(socket.localPort(), socket);
  }

  UdpTransport.@Nullable SendOutcome refusal() {
    return refusal;
  }

  /** What the world sees as the source of a datagram from {@code localPort}. */
  Endpoint publicSource(int localPort) {
    if (natAddress == null) {
      return endpoint(localPort);
    }
    Integer mapped = natPortByLocalPort.get(localPort);
    if (mapped == null) {
      mapped = nextNatPort++;
      natPortByLocalPort.put(localPort, mapped);
      localPortByNatPort.put(mapped, localPort);
    }
    return withPort(natAddress, mapped);
  }

  /** Hands a datagram to the socket it is for; false if there is none. */
  boolean arrive(Datagram datagram) {
    int port = datagram.destination().port();
    if (natAddress != null) {
      boolean outside = natAddress.addressLow() == datagram.destination().addressLow();
      Integer local = outside ? localPortByNatPort.get(port) : null;
      if (local == null) {
        return false;
      }
      port = local;
    }
    ToySocket socket = sockets.get(port);
    return socket != null && socket.arrive(datagram);
  }

  private static Endpoint withPort(Endpoint address, int port) {
    return new Endpoint(address.addressHigh(), address.addressLow(), port, 0, 0, 0, 0);
  }
}
