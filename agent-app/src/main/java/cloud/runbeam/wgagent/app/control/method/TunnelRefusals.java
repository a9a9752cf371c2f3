package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.tunnel.TunnelException;

/** What a tunnel's refusal is called in the control API. */
final class TunnelRefusals {
  private TunnelRefusals() {}

  static RequestException translate(TunnelException refused) {
    ErrorType type =
        switch (refused.reason()) {
          case NETWORK_NOT_FOUND -> ErrorType.NETWORK_NOT_FOUND;
          case INVALID_STATE -> ErrorType.INVALID_STATE;
          case CONFIG -> ErrorType.CONFIG_ERROR;
          case PLATFORM -> ErrorType.PLATFORM_ERROR;
        };
    return new RequestException(type, String.valueOf(refused.getMessage()));
  }
}
