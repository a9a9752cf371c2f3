package cloud.runbeam.wgagent.platform.linux.udp;

import cloud.runbeam.wgagent.engine.io.DatagramBatch;
import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.io.UdpTransport.SendOutcome;
import cloud.runbeam.wgagent.engine.io.UdpTransport.Sender;
import cloud.runbeam.wgagent.platform.linux.testkit.Batches;
import cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Two sockets in one namespace, and short words for sending and receiving. */
final class UdpPair implements AutoCloseable {
  final LinuxUdpTransport left;
  final LinuxUdpTransport right;
  private final Sender leftSender;
  private final Sender rightSender;

  UdpPair(PrivateNetwork network, LinuxUdp leftProvider, LinuxUdp rightProvider) {
    left = network.call(() -> leftProvider.open(0, 0));
    right = network.call(() -> rightProvider.open(0, 0));
    leftSender = left.newSender();
    rightSender = right.newSender();
  }

  /** Sends from left; the outcomes. */
  List<SendOutcome> sendFromLeft(Endpoint destination, byte[]... datagrams) {
    return send(leftSender, destination, datagrams);
  }

  /** Sends from right; the outcomes. */
  List<SendOutcome> sendFromRight(Endpoint destination, byte[]... datagrams) {
    return send(rightSender, destination, datagrams);
  }

  /** Sends a batch from left. */
  int sendFromLeft(DatagramBatch batch) {
    return leftSender.send(batch);
  }

  static List<SendOutcome> send(Sender sender, Endpoint destination, byte[]... datagrams) {
    DatagramBatch batch = Batches.datagrams(8, datagrams.length);
    for (byte[] datagram : datagrams) {
      Batches.append(batch, datagram, destination);
    }
    int notSent = sender.send(batch);
    List<SendOutcome> outcomes = new ArrayList<>();
    for (int i = 0; i < datagrams.length; i++) {
      outcomes.add(batch.outcome(i));
    }
    long counted = outcomes.stream().filter(outcome -> outcome != SendOutcome.SENT).count();
    if (counted != notSent) {
      throw new AssertionError(notSent + " is not the number of those not sent in " + outcomes);
    }
    return outcomes;
  }

  /** Receives until {@code count} datagrams have come. */
  static List<Received> receive(LinuxUdpTransport transport, int count, int capacity) {
    return PrivateNetwork.get(
        CompletableFuture.supplyAsync(
            () -> {
              List<Received> received = new ArrayList<>();
              DatagramBatch batch = Batches.datagrams(8, capacity);
              while (received.size() < count) {
                int size = receive(transport, batch);
                if (size < 1) {
                  throw new AssertionError("received " + size + " after " + received.size());
                }
                for (int i = 0; i < size; i++) {
                  Endpoint origin = batch.origin(i);
                  if (!batch.cameFrom(i, origin)) {
                    throw new AssertionError(origin + " is not where datagram " + i + " came from");
                  }
                  received.add(new Received(Batches.bytes(batch.packets(), i), origin));
                }
              }
              return received;
            },
            task -> Thread.ofPlatform().daemon().start(task)));
  }

  static Received receiveOne(LinuxUdpTransport transport) {
    return receive(transport, 1, 64).getFirst();
  }

  private static int receive(LinuxUdpTransport transport, DatagramBatch batch) {
    try {
      return transport.receive(batch);
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  @Override
  public void close() {
    leftSender.close();
    rightSender.close();
    left.close();
    right.close();
  }

  /** A datagram and where it came from. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Received(byte[] bytes, Endpoint origin) {}
}
