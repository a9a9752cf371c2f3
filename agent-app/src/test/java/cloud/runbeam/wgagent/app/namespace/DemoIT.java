package cloud.runbeam.wgagent.app.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Test;

/** The demonstration, in a namespace of its own. */
final class DemoIT {
  @Test
  void onceProvesTrafficThroughARealInterfaceAndLeavesNothing() {
    try (NetnsPair pair = new NetnsPair()) {
      String out = pair.in(pair.a(), InstalledAgent.launcher(), "demo", "--once");

      assertThat(out).contains("wg-demo0 is up").contains("Proven").doesNotContain("in memory");
      assertThat(pair.in(pair.a(), "ip", "-o", "link")).doesNotContain("wg-demo");
    }
  }

  @Test
  void onceProvesTrafficInMemoryWithoutPrivileges() {
    try (NetnsPair pair = new NetnsPair()) {
      String out =
          pair.in(
              pair.a(),
              "setpriv",
              "--reuid=65534",
              "--regid=65534",
              "--clear-groups",
              "--bounding-set=-all",
              InstalledAgent.java(),
              "-jar",
              InstalledAgent.jar().toString(),
              "demo",
              "--once");

      assertThat(out).contains("in memory").contains("Proven");
    }
  }

  @Test
  void takesTheNextNameWhenItsOwnIsTaken() {
    try (NetnsPair pair = new NetnsPair()) {
      pair.in(pair.a(), "ip", "tuntap", "add", "wg-demo0", "mode", "tun");

      assertThat(pair.in(pair.a(), InstalledAgent.launcher(), "demo", "--once"))
          .contains("wg-demo1 is up");
      pair.in(pair.a(), "ip", "link", "show", "wg-demo0");
    }
  }

  @Test
  void whatItSuggestsWorksAndCtrlCRemovesEverything() {
    try (NetnsPair pair = new NetnsPair()) {
      NetnsPair.Started demo = pair.start(pair.a(), InstalledAgent.launcher(), "demo");
      await().atMost(NetnsPair.PATIENCE).until(() -> demo.output().contains(" ms  "));

      demo.output()
          .lines()
          .filter(line -> line.matches("  (ping|wg|curl) .*"))
          .forEach(line -> follow(pair, line.strip()));
      assertThat(demo.output())
          .contains("  ping ", "  wg show wg-demo0", "  curl -s http://127.0.0.1:");

      Shell.run("kill", "-INT", String.valueOf(demo.process().pid()));
      assertThat(demo.awaitEnd()).isEqualTo(130);
      assertThat(demo.output()).contains("wg-demo0 is removed");
      assertThat(pair.in(pair.a(), "ip", "-o", "link")).doesNotContain("wg-demo");
    }
  }

  private static void follow(NetnsPair pair, String suggestion) {
    String[] words =
        suggestion.replace("ping ", "ping -c 1 -W 2 ").replace("curl ", "curl --fail ").split(" ");
    String out = pair.in(pair.a(), words);
    if (suggestion.startsWith("wg")) {
      assertThat(out).contains("latest handshake");
    }
    if (suggestion.startsWith("curl")) {
      assertThat(out).contains("\"status\":\"UP\"");
    }
  }
}
