package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.config.JsonConfig;
import cloud.runbeam.wgagent.app.config.JsonResult;
import cloud.runbeam.wgagent.app.config.KeySourceRule;
import cloud.runbeam.wgagent.app.config.NetworkConfig;
import cloud.runbeam.wgagent.app.config.Notice;
import cloud.runbeam.wgagent.app.config.PeerConfig;
import cloud.runbeam.wgagent.app.config.Problem;
import cloud.runbeam.wgagent.app.config.ProblemReason;
import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Configuration in a request, and which key files its sender may name. Any thread. */
public final class RequestedConfig {
  private static final Logger log = LoggerFactory.getLogger(RequestedConfig.class);

  private final JsonConfig json;
  private final KeySourceRule ruleForOthers;

  /** Reads with {@code json}; {@code ruleForOthers} holds for callers that are not root. */
  public RequestedConfig(JsonConfig json, KeySourceRule ruleForOthers) {
    this.json = json;
    this.ruleForOthers = ruleForOthers;
  }

  /** The network in {@code config}, if the request has one. */
  Optional<NetworkConfig> network(ObjectNode params, String name, Caller caller)
      throws RequestException {
    JsonNode config = params.get("config");
    if (config == null || config.isNull()) {
      return Optional.empty();
    }
    if (!(config instanceof ObjectNode members)) {
      throw new RequestException(ErrorType.INVALID_PARAMS, "config is no object");
    }
    return Optional.of(accepted(json.network(name, members, "config", rule(caller))));
  }

  /** The peer in {@code peer}. */
  PeerConfig peer(ObjectNode params, Caller caller) throws RequestException {
    if (!(params.get("peer") instanceof ObjectNode members)) {
      throw new RequestException(
          ErrorType.INVALID_PARAMS, "peer is missing or no object: public_key, allowed_ips, ...");
    }
    return accepted(json.peer(members, "peer", rule(caller)));
  }

  /** A refusal that carries {@code problems}. */
  static RequestException refusal(List<Problem> problems) {
    boolean forbidden =
        problems.stream().anyMatch(problem -> problem.reason() == ProblemReason.KEY_NOT_ALLOWED);
    Problem first = problems.getFirst();
    String more =
        problems.size() > 1 ? " (and " + (problems.size() - 1) + " more: see problems)" : "";
    String where = first.key().isEmpty() ? "" : first.key() + ": ";
    return new RequestException(
        forbidden ? ErrorType.PERMISSION_DENIED : ErrorType.CONFIG_ERROR,
        where + first.what() + ": " + first.advice() + more,
        problems);
  }

  private KeySourceRule rule(Caller caller) {
    return caller.isRoot() ? KeySourceRule.ANYWHERE : ruleForOthers;
  }

  private static <T> T accepted(JsonResult<T> result) throws RequestException {
    return switch (result) {
      case JsonResult.Accepted<T> accepted -> {
        for (Notice notice : accepted.notices()) {
          log.info("{}: {}", notice.key(), notice.text());
        }
        yield accepted.value();
      }
      case JsonResult.Rejected<T> rejected -> throw refusal(rejected.problems());
    };
  }
}
