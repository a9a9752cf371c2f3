package cloud.runbeam.wgagent.engine.noise;

import cloud.runbeam.wgagent.engine.crypto.SecretKey;

/**
 * What a handshake leaves behind (paper, section 5.4.5). The keys belong to whoever received this
 * record.
 *
 * @param sendKey seals what we send
 * @param receiveKey opens what we receive
 * @param initiator whether we initiated; the responder must not send before it has received
 * @param localIndex what the peer calls the session
 * @param remoteIndex what we call it towards the peer
 */
public record SessionKeys(
    SecretKey sendKey, SecretKey receiveKey, boolean initiator, int localIndex, int remoteIndex) {}
