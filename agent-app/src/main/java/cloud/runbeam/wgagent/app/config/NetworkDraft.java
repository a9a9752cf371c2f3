package cloud.runbeam.wgagent.app.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tomlj.Toml;
import org.tomlj.TomlVersion;

/**
 * A network that is about to be written to a configuration file, judged by the rules of the file.
 * Its keys are not tried: they may not be where they will be.
 *
 * @param network what it says; empty where it says too little
 * @param problems what is wrong, with keys of the file, e.g. {@code network.lab.peers[0].endpoint};
 *     positions are those of the text that {@link TomlWriter} makes
 * @param notices what the user should know
 */
public record NetworkDraft(
    Optional<NetworkConfig> network, List<Problem> problems, List<Notice> notices) {
  /** Copies the lists. */
  public NetworkDraft {
    problems = List.copyOf(problems);
    notices = List.copyOf(notices);
  }

  /**
   * Judges a table.
   *
   * @param name of the network
   * @param table as in {@code [network.NAME]}, for {@link TomlWriter}
   * @param source what is named as the file in problems
   */
  public static NetworkDraft of(String name, Map<String, Object> table, String source) {
    Findings findings = new Findings(source);
    if (!Names.isName(name)) {
      findings.problem(
          Position.WHOLE_FILE,
          "",
          ProblemReason.BAD_NAME,
          "\"" + TomlSection.printable(name) + "\" cannot name a network",
          "give it one of 1 to 63 letters, digits, \"_\", \".\" and \"-\" with --name");
      return new NetworkDraft(Optional.empty(), findings.problems(), findings.notices());
    }
    String text = TomlWriter.write(Map.of("network", Map.of(name, table)));
    TomlSection root =
        new TomlSection(Toml.parse(text, TomlVersion.V1_0_0), "", new Position(1, 1), findings);
    Optional<NetworkConfig> network =
        root.table("network")
            .flatMap(networks -> networks.table(name))
            .flatMap(section -> new NetworkSection(name, section, Path.of("/")).read(List.of()));
    new NetworkConflicts(network.stream().toList(), findings).report();
    return new NetworkDraft(network, findings.problems(), findings.notices());
  }
}
