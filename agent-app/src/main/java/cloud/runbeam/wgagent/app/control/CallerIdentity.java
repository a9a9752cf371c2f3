package cloud.runbeam.wgagent.app.control;

import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import java.nio.channels.SocketChannel;

/** Says who is at the other end of a connection. */
@FunctionalInterface
public interface CallerIdentity {
  /**
   * The caller, as the operating system knows it.
   *
   * @throws RequestException of type {@link ErrorType#PERMISSION_DENIED} or {@link
   *     ErrorType#AUTHENTICATION_FAILED} for everybody else
   */
  Caller identify(SocketChannel connection) throws RequestException;
}
