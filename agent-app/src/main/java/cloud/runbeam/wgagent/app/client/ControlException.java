package cloud.runbeam.wgagent.app.client;

import java.io.Serial;
import java.util.List;

/** A control request that came to nothing. The message says what happened and what to do. */
public final class ControlException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** How far the request came. */
  public enum Kind {
    /** Nobody answers on the socket: no agent is running there. */
    NO_AGENT,
    /** This user may not use the socket. */
    NO_PERMISSION,
    /** No answer in time; whether the request was carried out is not known. */
    TIMED_OUT,
    /** The agent closed the connection before it answered. */
    DISCONNECTED,
    /** The agent understood and refused; {@link #type} says why. */
    REFUSED,
    /** What came back is no answer in this protocol. */
    BROKEN_REPLY
  }

  private final Kind kind;
  private final String type;
  private final transient List<JsonValue.JsonObject> problems;

  ControlException(Kind kind, String message) {
    this(kind, "", message, List.of());
  }

  ControlException(Kind kind, String type, String message, List<JsonValue.JsonObject> problems) {
    super(message);
    this.kind = kind;
    this.type = type;
    this.problems = List.copyOf(problems);
  }

  /** How far the request came. */
  public Kind kind() {
    return kind;
  }

  /** The agent's error type, e.g. {@code network_not_found}; empty unless it refused. */
  public String type() {
    return type;
  }

  /**
   * What is wrong with a configuration that was refused: path, line, reason, text each; mostly
   * empty.
   */
  public List<JsonValue.JsonObject> problems() {
    return problems;
  }
}
