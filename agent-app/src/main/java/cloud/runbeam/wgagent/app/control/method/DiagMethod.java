package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.Params;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import cloud.runbeam.wgagent.app.diagnostics.DiagnosticArchive;
import cloud.runbeam.wgagent.app.diagnostics.Diagnostics;
import cloud.runbeam.wgagent.app.diagnostics.SecretFoundException;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code diag}: an archive for a report of a problem, kept in the state directory, or with {@code
 * "archive": true} in the answer, in which case nothing is kept unless it is too large for that.
 */
public final class DiagMethod implements ControlMethod {
  /** What a connection takes at once, base64 included; a larger archive is kept instead. */
  private static final int MAX_ANSWER_BYTES = 4 << 20;

  private final Diagnostics diagnostics;

  /** The method over these diagnostics. */
  public DiagMethod(Diagnostics diagnostics) {
    this.diagnostics = diagnostics;
  }

  @Override
  public String name() {
    return "diag";
  }

  @Override
  public Role role() {
    return Role.ADMIN;
  }

  @Override
  public Object call(ObjectNode params, Caller caller) throws RequestException {
    Params.allowOnly(params, Set.of("archive"));
    boolean wanted = params.path("archive").asBoolean(false);
    try {
      DiagnosticArchive archive = diagnostics.collect();
      boolean inAnswer = wanted && archive.bytes().length <= MAX_ANSWER_BYTES;
      return new Bundle(
          archive.name(),
          archive.bytes().length,
          archive.entries(),
          inAnswer ? Optional.empty() : Optional.of(diagnostics.keep(archive).toString()),
          inAnswer
              ? Optional.of(Base64.getEncoder().encodeToString(archive.bytes()))
              : Optional.empty());
    } catch (SecretFoundException found) {
      throw new RequestException(ErrorType.INTERNAL_ERROR, String.valueOf(found.getMessage()));
    } catch (IOException failed) {
      throw new RequestException(
          ErrorType.PLATFORM_ERROR,
          "the archive could not be written: " + failed + "; ask for it with diag --output FILE");
    }
  }

  /**
   * The result.
   *
   * @param name file name
   * @param bytes length of the zip file
   * @param entries what is in it
   * @param path where it is kept on the agent's machine
   * @param archive the zip file itself in base64
   */
  public record Bundle(
      String name,
      int bytes,
      List<DiagnosticArchive.Entry> entries,
      Optional<String> path,
      Optional<String> archive) {}
}
