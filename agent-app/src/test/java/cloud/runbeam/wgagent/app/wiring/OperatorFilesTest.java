package cloud.runbeam.wgagent.app.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Dashboards and alerts name no metric that the agent does not have. */
@Timeout(120)
class OperatorFilesTest {
  private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern USED =
      Pattern.compile("(?<![a-zA-Z0-9_:./-])(?:wg|wireguard|jvm|process)_[a-z0-9_]+");
  private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `([a-z0-9_]+)` \\| (\\w+)");
  private static final Pattern SCRAPED = Pattern.compile("(?m)^([a-z0-9_]+)[{ ]");

  @Test
  void nameOnlyMetricsThatExist(@TempDir Path directory) throws Exception {
    Set<String> existing = documented();
    try (RunningAgent agent = RunningAgent.start(directory, "")) {
      Set<String> scraped = matches(SCRAPED, agent.get("/metrics").body());
      assertThat(existing)
          .as("docs/metrics.md names every series of ours")
          .containsAll(scraped.stream().filter(name -> name.startsWith("wg_")).toList());
      existing.addAll(scraped);
    }
    // Without a collection there is no pause.
    existing.add("jvm_gc_pause_seconds_sum");

    Set<String> used = new TreeSet<>();
    used.addAll(matches(USED, read("config/grafana/wg-agent.json")));
    used.addAll(matches(USED, read("config/prometheus/wg-agent.rules.yml")));
    used.addAll(matches(USED, read("config/prometheus/wg-agent.rules.test.yml")));

    assertThat(used).hasSizeGreaterThan(30);
    assertThat(existing).containsAll(used);
  }

  @Test
  void showEveryMetricOfPeersAndNetworksOnTheDashboard() throws IOException {
    Set<String> shown = matches(USED, read("config/grafana/wg-agent.json"));
    Set<String> ours = documented();
    ours.removeIf(name -> !name.startsWith("wg_agent_"));
    // Said by wg_agent_network_state, and by the buckets beside it.
    ours.remove("wg_agent_network_up");
    ours.remove("wg_agent_control_request_seconds_sum");

    ours.remove("wg_agent_control_request_seconds");
    assertThat(shown).containsAll(ours);
  }

  private static Set<String> documented() throws IOException {
    Set<String> names = new TreeSet<>();
    Matcher row = DOCUMENTED.matcher(read("docs/metrics.md"));
    while (row.find()) {
      names.add(row.group(1));
      if (row.group(2).equals("histogram")) {
        names.add(row.group(1) + "_count");
        names.add(row.group(1) + "_sum");
        names.add(row.group(1) + "_bucket");
      }
    }
    return names;
  }

  private static Set<String> matches(Pattern pattern, String text) {
    Set<String> found = new TreeSet<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(matcher.groupCount() == 0 ? matcher.group() : matcher.group(1));
    }
    return found;
  }

  private static String read(String file) throws IOException {
    return Files.readString(REPOSITORY.resolve(file));
  }
}
