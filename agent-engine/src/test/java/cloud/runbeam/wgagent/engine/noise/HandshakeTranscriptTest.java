package cloud.runbeam.wgagent.engine.noise;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.testkit.ScriptedEntropy;
import cloud.runbeam.wgagent.engine.testkit.TestKeys;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every byte of both messages and both transport keys, against the paper's formulas computed by
 * other means.
 */
class HandshakeTranscriptTest {
  private static final int INITIATOR_INDEX = 0x89ABCDEF;
  private static final int RESPONDER_INDEX = 0x01234567;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void matchesThePaperByteForByte(boolean withPresharedKey) throws GeneralSecurityException {
    byte[] presharedKey = withPresharedKey ? TestKeys.bytes("psk") : new byte[32];
    Tai64n timestamp = Party.time(0);
    byte[] label = new byte[12];
    timestamp.write(MemorySegment.ofArray(label), 0);
    Paper.Transcript expected =
        Paper.handshake(
            TestKeys.bytes("alice"),
            TestKeys.bytes("bob"),
            TestKeys.bytes("alice's ephemeral"),
            TestKeys.bytes("bob's ephemeral"),
            presharedKey,
            label,
            INITIATOR_INDEX,
            RESPONDER_INDEX);

    try (Party alice = new Party("alice");
        Party bob = new Party("bob")) {
      Party.introduce(alice, bob);
      if (withPresharedKey) {
        alice.handshake().setPresharedKey(alice.arena.copyOf(presharedKey));
        bob.handshake().setPresharedKey(bob.arena.copyOf(presharedKey));
      }
      MemorySegment initiation =
          alice.initiate(
              INITIATOR_INDEX, timestamp, new ScriptedEntropy(TestKeys.bytes("alice's ephemeral")));
      assertThat(withoutMacs(initiation)).isEqualTo(expected.initiation());
      assertThat(macs(initiation)).containsOnly(0);

      assertThat(bob.receive(initiation, 0))
          .isEqualTo(new InitiationResult.Accepted(bob.handshake()));
      MemorySegment response =
          bob.respond(RESPONDER_INDEX, new ScriptedEntropy(TestKeys.bytes("bob's ephemeral")));
      assertThat(withoutMacs(response)).isEqualTo(expected.response());
      assertThat(macs(response)).containsOnly(0);

      assertThat(alice.handshake().consumeResponse(response, 0)).isEmpty();

      SessionKeys ofAlice = alice.handshake().deriveSession();
      SessionKeys ofBob = bob.handshake().deriveSession();
      assertThat(hex(ofAlice.sendKey())).isEqualTo(expected.initiatorSends());
      assertThat(hex(ofAlice.receiveKey())).isEqualTo(expected.responderSends());
      assertThat(hex(ofBob.sendKey())).isEqualTo(expected.responderSends());
      assertThat(hex(ofBob.receiveKey())).isEqualTo(expected.initiatorSends());
      assertThat(ofAlice.initiator()).isTrue();
      assertThat(ofAlice.localIndex()).isEqualTo(INITIATOR_INDEX);
      assertThat(ofAlice.remoteIndex()).isEqualTo(RESPONDER_INDEX);
      assertThat(ofBob.initiator()).isFalse();
      assertThat(ofBob.localIndex()).isEqualTo(RESPONDER_INDEX);
      assertThat(ofBob.remoteIndex()).isEqualTo(INITIATOR_INDEX);
    }
  }

  /**
   * The other direction: our responder understands what the paper's formulas produce, and our
   * initiator likewise.
   */
  @Test
  void understandsWhatThePaperWouldSend() throws GeneralSecurityException {
    byte[] label = new byte[12];
    Party.time(0).write(MemorySegment.ofArray(label), 0);
    Paper.Transcript paper =
        Paper.handshake(
            TestKeys.bytes("alice"),
            TestKeys.bytes("bob"),
            TestKeys.bytes("alice's ephemeral"),
            TestKeys.bytes("bob's ephemeral"),
            new byte[32],
            label,
            INITIATOR_INDEX,
            RESPONDER_INDEX);
    try (Party alice = new Party("alice");
        Party bob = new Party("bob")) {
      Party.introduce(alice, bob);
      byte[] datagram = atOffset10(paper.initiation(), 148);
      assertThat(
              Handshake.consumeInitiation(
                  bob.identity,
                  key -> key.equals(alice.identity.publicKey()) ? bob.handshake() : null,
                  MemorySegment.ofArray(datagram),
                  10,
                  0))
          .isInstanceOf(InitiationResult.Accepted.class);

      alice.initiate(
          INITIATOR_INDEX, Party.time(0), new ScriptedEntropy(TestKeys.bytes("alice's ephemeral")));
      byte[] response = atOffset10(paper.response(), 92);
      assertThat(alice.handshake().consumeResponse(MemorySegment.ofArray(response), 10)).isEmpty();
    }
  }

  private static byte[] atOffset10(String message, int length) {
    byte[] bytes = HexFormat.of().parseHex(message);
    byte[] datagram = new byte[length + 10];
    System.arraycopy(bytes, 0, datagram, 10, bytes.length);
    return datagram;
  }

  private static String withoutMacs(MemorySegment message) {
    return Paper.hex(message.asSlice(0, message.byteSize() - 32).toArray(ValueLayout.JAVA_BYTE));
  }

  private static byte[] macs(MemorySegment message) {
    return message.asSlice(message.byteSize() - 32).toArray(ValueLayout.JAVA_BYTE);
  }

  private static String hex(SecretKey key) {
    return Paper.hex(key.bytes().toArray(ValueLayout.JAVA_BYTE));
  }
}
