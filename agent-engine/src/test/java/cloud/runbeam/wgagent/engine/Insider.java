package cloud.runbeam.wgagent.engine;

import cloud.runbeam.wgagent.engine.crypto.Aead;
import cloud.runbeam.wgagent.engine.crypto.AeadProviders;
import cloud.runbeam.wgagent.engine.session.Keypair;
import cloud.runbeam.wgagent.engine.testkit.Datagram;
import cloud.runbeam.wgagent.engine.testkit.TestPackets;
import cloud.runbeam.wgagent.engine.wire.TransportLayout;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Somebody with Alice's session keys but not her manners: seals for Bob what no WireGuard would.
 */
final class Insider {
  private final AttackedTunnel tunnel;
  private final Aead aead = AeadProviders.best().newAead();

  Insider(AttackedTunnel tunnel) {
    this.tunnel = tunnel;
  }

  /** Sends Bob a message with this content, whatever it is. */
  void send(byte[] content) {
    send(keypair().sendCounter().reserve(1), content);
  }

  /** Sends Bob a packet from Alice's address under a counter of choice. */
  void sendWithCounter(long chosen, String text) {
    send(chosen, TestPackets.udp("10.0.0.1", "10.0.0.2", text.getBytes(StandardCharsets.UTF_8)));
  }

  private Keypair keypair() {
    return Objects.requireNonNull(tunnel.alice.peerState(tunnel.bob).keypairs().current());
  }

  private void send(long chosen, byte[] content) {
    Keypair keypair = keypair();
    byte[] message = new byte[TransportLayout.CIPHERTEXT + content.length + Aead.TAG_BYTES];
    MemorySegment memory = MemorySegment.ofArray(message);
    TransportLayout.begin(memory, 0, keypair.remoteIndex(), chosen);
    aead.seal(
        keypair.sendKey(),
        chosen,
        MemorySegment.ofArray(content),
        0,
        content.length,
        0,
        memory,
        TransportLayout.CIPHERTEXT);
    tunnel
        .simulation
        .network()
        .inject(
            new Datagram(
                tunnel.alice.host().endpoint(AttackedTunnel.PORT),
                tunnel.bob.host().endpoint(AttackedTunnel.PORT),
                message));
  }
}
