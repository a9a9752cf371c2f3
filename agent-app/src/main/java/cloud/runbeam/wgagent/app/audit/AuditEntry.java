package cloud.runbeam.wgagent.app.audit;

import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/**
 * One change that somebody asked for. No secrets.
 *
 * @param user name of the caller's user
 * @param uid its number
 * @param gid number of the caller's group
 * @param pid number of the calling process
 * @param executable its program
 * @param method what was asked for
 * @param network of which network
 * @param result {@link #DONE}, or the type of the error
 * @param change what changed; null node where nothing did
 */
public record AuditEntry(
    String user,
    OptionalLong uid,
    OptionalLong gid,
    OptionalLong pid,
    Optional<String> executable,
    String method,
    Optional<String> network,
    String result,
    JsonNode change) {
  /** The result of what was done. */
  public static final String DONE = "done";
}
