package cloud.runbeam.wgagent.app.control.rpc;

import java.util.Locale;

/**
 * Every error the control API knows; the set is closed. Codes below -32099 are JSON-RPC's own
 * (section 5.1).
 */
public enum ErrorType {
  /** Not JSON. */
  PARSE_ERROR(-32700),
  /** JSON, but no request. */
  INVALID_REQUEST(-32600),
  /** No such method. */
  METHOD_NOT_FOUND(-32601),
  /** The method's parameters are wrong. */
  INVALID_PARAMS(-32602),
  /** Our fault; logged with a reference that the message repeats. */
  INTERNAL_ERROR(-32603),
  /** Not possible in the network's state. */
  INVALID_STATE(-32000),
  /** No network of that name; the message is the name. */
  NETWORK_NOT_FOUND(-32001),
  /** The configuration is wrong. */
  CONFIG_ERROR(-32002),
  /** The operating system refused. */
  PLATFORM_ERROR(-32003),
  /** The caller may not. */
  PERMISSION_DENIED(-32004),
  /** The caller could not be identified. */
  AUTHENTICATION_FAILED(-32005),
  /** Too many, too often, or too slow. */
  RATE_LIMITED(-32006),
  /** More bytes than allowed. */
  TOO_LARGE(-32007),
  /** A result could not be written; ours. */
  SERIALIZATION_ERROR(-32008);

  private final int code;

  ErrorType(int code) {
    this.code = code;
  }

  /** JSON-RPC error code. */
  public int code() {
    return code;
  }

  /** As in {@code data.type}; what is no request in either dialect is a parse error there. */
  public String type() {
    return switch (this) {
      case INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS -> PARSE_ERROR.type();
      default -> name().toLowerCase(Locale.ROOT);
    };
  }
}
