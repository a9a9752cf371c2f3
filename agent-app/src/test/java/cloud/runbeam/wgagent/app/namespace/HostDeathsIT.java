package cloud.runbeam.wgagent.app.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent dies at every step of up, reload and down, on a real machine. */
final class HostDeathsIT {
  @TempDir private Path directory;

  @Test
  void leavesNothingWhereverItDies() {
    try (NetnsPair pair = new NetnsPair()) {
      pair.in(pair.a(), "ip", "rule", "add", "pref", "5270", "fwmark", "0x1/0xff", "table", "52");
      pair.in(pair.a(), "nft", "add", "table", "inet", "mine");
      MachineState.awaitSettled(pair, pair.a());
      NetnsPair.Started deaths =
          pair.start(
              pair.a(),
              InstalledAgent.java(),
              "--enable-native-access=ALL-UNNAMED",
              "-cp",
              System.getProperty("java.class.path"),
              HostDeaths.class.getName(),
              directory.toString(),
              pair.device("a"));
      await("all deaths")
          .atMost(NetnsPair.PATIENCE.multipliedBy(8))
          .until(() -> !deaths.process().isAlive());

      assertThat(deaths.output()).contains("ok ");
      String steps = deaths.output().substring(deaths.output().indexOf("ok ") + 3).strip();
      assertThat(Integer.parseInt(steps)).as("steps of a whole life").isGreaterThan(40);
    }
  }
}
