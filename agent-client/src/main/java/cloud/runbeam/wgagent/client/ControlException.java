package cloud.runbeam.wgagent.client;

import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import java.io.Serial;
import java.util.List;
import java.util.Optional;

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
    /** The waiting thread was interrupted (its flag is set again); as unknown as above. */
    INTERRUPTED,
    /** The connection ended before the answer came; as unknown as above. */
    DISCONNECTED,
    /** The agent understood and refused; {@link #type} says why. Nothing was changed. */
    REFUSED,
    /** What came back is no answer in this protocol. */
    BROKEN_REPLY
  }

  private final Kind kind;
  private final String type;
  private final transient List<JsonObject> problems;

  ControlException(Kind kind, String message) {
    this(kind, "", message, List.of());
  }

  private ControlException(Kind kind, String type, String message, List<JsonObject> problems) {
    super(message);
    this.kind = kind;
    this.type = type;
    this.problems = List.copyOf(problems);
  }

  /** The {@code error} member of an answer. */
  static ControlException refused(JsonObject error) {
    Optional<JsonObject> data = error.object("data");
    return new ControlException(
        Kind.REFUSED,
        data.flatMap(members -> members.text("type")).orElse("internal_error"),
        error.text("message").orElse("refused without a reason"),
        data.map(members -> members.objects("problems")).orElse(List.of()));
  }

  /** The same failure for another waiting thread: its stack trace is that thread's. */
  ControlException again() {
    return new ControlException(kind, type, String.valueOf(getMessage()), problems);
  }

  /** How far the request came. */
  public Kind kind() {
    return kind;
  }

  /**
   * The agent's error type, one of those in {@code docs/api.md}, e.g. {@code network_not_found};
   * empty unless it refused.
   */
  public String type() {
    return type;
  }

  /**
   * What is wrong with a configuration that was refused, in the order of its text; mostly empty.
   */
  public List<ConfigProblem> problems() {
    return problems.stream().map(ConfigProblem::of).toList();
  }
}
