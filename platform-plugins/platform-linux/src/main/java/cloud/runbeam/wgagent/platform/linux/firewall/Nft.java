package cloud.runbeam.wgagent.platform.linux.firewall;

import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.netlink.Refusal;
import cloud.runbeam.wgagent.platform.linux.tool.SystemTools;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Runs {@code nft} with fixed arguments and the script on standard input. Any thread; a call blocks
 * until the program ends.
 */
final class Nft {
  private static final String PROGRAM = "nft";

  private final SystemTools tools;

  Nft() {
    this(new SystemTools());
  }

  Nft(SystemTools tools) {
    this.tools = tools;
  }

  /** Applies a script whole or not at all. */
  void apply(String attempt, String script) throws PlatformException {
    SystemTools.Result result = run(attempt, script, List.of("-f", "-"));
    if (result.status() != 0) {
      throw refused(attempt, result.output());
    }
  }

  /**
   * A table of family {@code inet} in nft's own words, numbers as numbers; empty if there is none.
   */
  Optional<String> table(String attempt, String name) throws PlatformException {
    SystemTools.Result result = run(attempt, "", List.of("-nn", "list", "table", "inet", name));
    if (result.status() == 0) {
      return Optional.of(result.output());
    }
    if (result.output().contains("No such file or directory")) {
      return Optional.empty();
    }
    throw refused(attempt, result.output());
  }

  /** Whether the program is installed. */
  boolean isInstalled() {
    return tools.find(PROGRAM).isPresent();
  }

  private SystemTools.Result run(String attempt, String input, List<String> arguments)
      throws PlatformException {
    if (!isInstalled()) {
      throw new PlatformException(
          attempt,
          "nft is not installed",
          "install it (apt install nftables, dnf install nftables, apk add nftables)");
    }
    try {
      return tools.start(input, PROGRAM, arguments);
    } catch (IOException failed) {
      throw new PlatformException(
          attempt, String.valueOf(failed.getMessage()), "see whether it runs: nft list ruleset");
    }
  }

  private static PlatformException refused(String attempt, String output) {
    String advice =
        output.contains("Operation not permitted")
            ? Refusal.NEED_CAPABILITY
            : "see whether this kernel has nf_tables: nft list ruleset";
    return new PlatformException(attempt, "nft: " + SystemTools.printable(output), advice);
  }
}
