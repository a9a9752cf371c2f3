package cloud.runbeam.wgagent.engine.uapi;

import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.engine.DeviceSecrets;
import cloud.runbeam.wgagent.engine.WireGuardDevice;
import cloud.runbeam.wgagent.engine.status.DeviceSnapshot;
import cloud.runbeam.wgagent.engine.status.PeerSnapshot;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * One connection to a device's configuration socket.
 *
 * <pre>
 *   request: get=1 LF LF                        reply: key=value LF ... errno=0 LF LF
 *   request: set=1 LF key=value LF ... LF       reply: errno=N LF LF
 * </pre>
 *
 * <p>Requests follow one another until the client hangs up. A set request is applied as a whole
 * after its empty line, or not at all: one that does not parse, that the device refuses, or whose
 * end never comes changes nothing. A refused request is answered at once; what remains of it is
 * skipped.
 *
 * <p>Blocks its thread, a virtual one will do; how long a silent client may stay is decided by
 * whoever owns the socket. Whoever can connect can read the private key: the socket's rights are
 * the protection.
 */
public final class UapiSession {
  private final WireGuardDevice device;
  private final Consumer<String> problems;

  /**
   * A session with {@code device}.
   *
   * @param problems hears why requests were refused, in words fit for a log and without secrets;
   *     the protocol itself has room for a number only
   */
  public UapiSession(WireGuardDevice device, Consumer<String> problems) {
    this.device = device;
    this.problems = problems;
  }

  /**
   * Serves requests until the client hangs up or breaks the protocol so that the next request
   * cannot be found. Closes neither stream.
   *
   * @throws IOException if the connection fails
   */
  public void serve(InputStream in, OutputStream out) throws IOException {
    LineReader lines = new LineReader(in);
    ReplyWriter reply = new ReplyWriter(out);
    try {
      boolean open = true;
      while (open) {
        open = serveOne(lines, reply);
      }
    } finally {
      lines.wipe();
      reply.wipe();
    }
  }

  /** Whether another request may follow. */
  private boolean serveOne(LineReader lines, ReplyWriter reply) throws IOException {
    boolean inRequest = false;
    try {
      lines.restartNumbering();
      if (!lines.next()) {
        return false;
      }
      inRequest = true;
      if (lines.is("get=1")) {
        get(lines, reply);
      } else if (lines.is("set=1")) {
        if (!set(lines)) {
          return false;
        }
      } else {
        throw new UapiException(Errno.EPROTO, "the request is neither get=1 nor set=1");
      }
      reply.end(Errno.OK);
      return true;
    } catch (UapiException e) {
      problems.accept(device.interfaceName() + ": " + e.getMessage());
      reply.end(e.errno());
      return inRequest && skipRequest(lines);
    }
  }

  private void get(LineReader lines, ReplyWriter reply) throws IOException, UapiException {
    if (!lines.next() || !lines.isEmpty()) {
      throw new UapiException(Errno.EINVAL, "an empty line must follow get=1");
    }
    DeviceSnapshot snapshot = device.snapshot();
    try (DeviceSecrets secrets = device.copySecrets()) {
      write(snapshot, secrets, reply);
    } catch (DeviceException e) {
      throw new UapiException(e);
    }
  }

  private static void write(DeviceSnapshot snapshot, DeviceSecrets secrets, ReplyWriter reply)
      throws IOException {
    if (secrets.privateKey().isPresent()) {
      reply.line("private_key", secrets.privateKey().get());
    }
    if (snapshot.listenPort() != 0) {
      reply.line("listen_port", snapshot.listenPort());
    }
    if (snapshot.fwmark() != 0) {
      reply.line("fwmark", Integer.toUnsignedLong(snapshot.fwmark()));
    }
    for (PeerSnapshot peer : snapshot.peers()) {
      write(peer, secrets, reply);
    }
  }

  private static void write(PeerSnapshot peer, DeviceSecrets secrets, ReplyWriter reply)
      throws IOException {
    reply.line("public_key", peer.publicKey().toHex());
    if (secrets.presharedKey(peer.publicKey()).isPresent()) {
      reply.line("preshared_key", secrets.presharedKey(peer.publicKey()).get());
    }
    reply.line("protocol_version", 1);
    if (peer.endpoint().isPresent()) {
      reply.line("endpoint", peer.endpoint().get().toString());
    }
    Instant lastHandshake = peer.lastHandshake().orElse(Instant.EPOCH);
    reply.line("last_handshake_time_sec", lastHandshake.getEpochSecond());
    reply.line("last_handshake_time_nsec", lastHandshake.getNano());
    reply.line("tx_bytes", peer.txBytes());
    reply.line("rx_bytes", peer.rxBytes());
    reply.line("persistent_keepalive_interval", peer.persistentKeepaliveSeconds());
    for (int i = 0; i < peer.allowedIps().size(); i++) {
      reply.line("allowed_ip", peer.allowedIps().get(i).toString());
    }
  }

  /** False if the client hung up before the end of its request. */
  private boolean set(LineReader lines) throws IOException, UapiException {
    try (SetRequest request = new SetRequest(device.keys())) {
      while (lines.next()) {
        if (lines.isEmpty()) {
          device.apply(request.finish());
          return true;
        }
        request.accept(lines);
      }
    } catch (DeviceException e) {
      throw new UapiException(e);
    }
    problems.accept(
        device.interfaceName() + ": the client hung up in the middle of a set request; ignored");
    return false;
  }

  /**
   * Skips the rest of a refused request; false if the client hung up or a line is too long to go
   * on.
   */
  private static boolean skipRequest(LineReader lines) throws IOException {
    try {
      while (!lines.isEmpty()) {
        if (!lines.next()) {
          return false;
        }
      }
      return true;
    } catch (UapiException e) {
      return false;
    }
  }
}
