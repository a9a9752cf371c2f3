package cloud.runbeam.wgagent.app.namespace;

import java.io.File;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the namespace tests need of the machine. Without it they fail, for a test that did not run
 * proves nothing.
 */
final class Requirements {
  private static final List<String> TOOLS =
      List.of(
          "ip",
          "ss",
          "nft",
          "ping",
          "wg",
          "wg-quick",
          "wireguard-go",
          "iperf3",
          "curl",
          "prometheus",
          "promtool",
          "ps",
          "setsid",
          "setpriv",
          "sysctl",
          "tcpdump",
          "tmux",
          "unshare");

  private Requirements() {}

  /** Fails with everything that is missing. */
  static void check() {
    List<String> missing =
        Stream.concat(
                TOOLS.stream().filter(tool -> !isInstalled(tool)).map(tool -> "the tool " + tool),
                Stream.of("/dev/net/tun").filter(path -> !new File(path).exists()))
            .toList();
    if (!missing.isEmpty()) {
      throw new AssertionError(
          "the namespace tests need " + missing + "; .ci/run installs the tools");
    }
    if (!"0".equals(Shell.run("id", "-u").strip())) {
      throw new AssertionError(
          "the namespace tests need root: sudo --preserve-env=JAVA_HOME ./mvnw verify");
    }
  }

  private static boolean isInstalled(String tool) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .anyMatch(directory -> new File(directory, tool).canExecute());
  }
}
