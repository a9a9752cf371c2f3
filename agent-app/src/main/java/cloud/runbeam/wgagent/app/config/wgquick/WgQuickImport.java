package cloud.runbeam.wgagent.app.config.wgquick;

import cloud.runbeam.wgagent.app.config.Notice;
import cloud.runbeam.wgagent.app.config.Problem;
import cloud.runbeam.wgagent.app.config.ProblemReason;
import cloud.runbeam.wgagent.app.config.TomlWriter;
import cloud.runbeam.wgagent.app.config.wgquick.ConfNetwork.MovedKey;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A wg-quick file turned into a network of ours.
 *
 * <p>Nothing is written while anything is wrong with the file. Keys go to files of their own, mode
 * 0600, before there is a text that names them. One thread.
 */
public final class WgQuickImport {
  private static final String SUFFIX = ".conf";

  private WgQuickImport() {}

  /**
   * What to make of a file.
   *
   * @param file the wg-quick file
   * @param name of the network; empty for the interface's
   * @param interfaceName empty for the file's name without {@code .conf}, as wg-quick has it
   * @param keyDirectory where keys go; made if missing, mode 0700
   */
  public record Request(
      Path file, Optional<String> name, Optional<String> interfaceName, Path keyDirectory) {}

  /** What came of it. */
  public sealed interface Result {
    /** The problems, with line and column, or none. */
    List<Problem> problems();

    /** What was not taken over, with line and column. */
    List<Notice> notices();
  }

  /**
   * It was taken over.
   *
   * @param toml a document with the one network
   * @param keyFiles those that were written, or already held the same key
   * @param notices what was not taken over
   */
  public record Imported(String toml, List<Path> keyFiles, List<Notice> notices) implements Result {
    /** Copies the lists. */
    public Imported {
      keyFiles = List.copyOf(keyFiles);
      notices = List.copyOf(notices);
    }

    @Override
    public List<Problem> problems() {
      return List.of();
    }
  }

  /**
   * Something is wrong; nothing was written.
   *
   * @param problems all of them
   * @param notices what would not be taken over
   */
  public record Refused(List<Problem> problems, List<Notice> notices) implements Result {
    /** Copies the lists. */
    public Refused {
      problems = List.copyOf(problems);
      notices = List.copyOf(notices);
    }
  }

  /**
   * Takes a file over.
   *
   * @param arena for the keys while they are checked
   */
  public static Result run(Request request, KeyArena arena) {
    ConfFindings findings = new ConfFindings(request.file().toString());
    Optional<ConfFile> opened = ConfFile.read(request.file(), findings);
    if (opened.isEmpty()) {
      return new Refused(findings.problems(), findings.notices());
    }
    try (ConfFile file = opened.get()) {
      return run(file, request, findings, arena);
    }
  }

  private static Result run(ConfFile file, Request request, ConfFindings findings, KeyArena arena) {
    String interfaceName = request.interfaceName().orElseGet(() -> interfaceName(request.file()));
    ConfNetwork network =
        ConfNetwork.of(
            file,
            request.name().orElse(interfaceName),
            interfaceName,
            request.keyDirectory().toAbsolutePath().normalize(),
            findings);
    for (MovedKey key : network.keys()) {
      check(key, network, findings, arena);
    }
    if (findings.hasProblems()) {
      return new Refused(findings.problems(), findings.notices());
    }
    try (KeyMove move = new KeyMove(network.keys())) {
      move.write();
      String toml =
          TomlWriter.write(
              comment(request.file(), findings.notices()),
              Map.of("network", Map.of(request.name().orElse(interfaceName), network.table())));
      move.keep();
      return new Imported(toml, move.files(), findings.notices());
    } catch (KeyMove.RefusedException refused) {
      findings.problem(
          refused.key().origin(),
          refused.key().label(),
          ProblemReason.KEY_UNREADABLE,
          refused.what(),
          refused.advice());
      return new Refused(findings.problems(), findings.notices());
    }
  }

  private static void check(
      MovedKey key, ConfNetwork network, ConfFindings findings, KeyArena arena) {
    try (SecretKey secret = key.secret().key(arena)) {
      if (key == network.keys().getFirst() && key.label().startsWith("[Interface]")) {
        network.refuseAsPeer(secret.publicKey().toBase64());
      }
    } catch (IllegalArgumentException _) {
      findings.problem(
          key.origin(),
          key.label(),
          ProblemReason.KEY_MALFORMED,
          "is not a key in base64 (" + key.secret().length() + " characters)",
          "it must be the 44 characters that \"wg genkey\" or \"wg genpsk\" prints");
    }
  }

  private static String comment(Path file, List<Notice> notices) {
    StringBuilder comment =
        new StringBuilder("Imported from ").append(file.getFileName()).append(" by wg-agent.");
    for (Notice notice : notices) {
      comment
          .append("\nline ")
          .append(notice.position().line())
          .append(": ")
          .append(notice.key())
          .append(' ')
          .append(notice.text());
    }
    return comment.toString();
  }

  private static String interfaceName(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
  }
}
