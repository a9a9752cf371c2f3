import cloud.runbeam.wgagent.client.AgentEvent;
import cloud.runbeam.wgagent.client.ConnectOptions;
import cloud.runbeam.wgagent.client.ControlClient;
import cloud.runbeam.wgagent.client.ControlException;
import cloud.runbeam.wgagent.client.EventStream;
import cloud.runbeam.wgagent.client.JsonValue;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Talks to wg-agent: shows its networks, brings one up, and follows what happens meanwhile.
 *
 * <pre>java -cp agent-client-0.1.0.jar AgentExample.java SOCKET NETWORK</pre>
 *
 * <p>Needs agent-client, which needs the JDK only. docs/api.md has every method.
 */
final class AgentExample {
  public static void main(String[] args) {
    String network = args[1];
    ConnectOptions options =
        ConnectOptions.of(Path.of(args[0]))
            .withTimeout(Duration.ofSeconds(10))
            // An agent that is being restarted is waited for.
            .withReconnectWithin(Duration.ofSeconds(5));
    try (ControlClient agent = ControlClient.connect(options);
        EventStream events = agent.subscribe(Set.of("state"))) {
      JsonObject status = (JsonObject) agent.call("status", Map.of());
      for (JsonObject found : status.objects("networks")) {
        System.out.printf(
            "%s: %s, %d peers%n",
            found.text("network").orElseThrow(),
            found.text("state").orElseThrow(),
            found.object("peers").flatMap(peers -> peers.integer("total")).orElse(0L));
      }
      JsonObject connected =
          (JsonObject) agent.call("connect", Map.of("network", JsonValue.of(network)));
      String state = "";
      while (!state.equals("active")) {
        Optional<AgentEvent> event = events.next(Duration.ofSeconds(10));
        if (event.isEmpty()) {
          throw new IllegalStateException("nothing happened for ten seconds");
        }
        if (event.get().network().equals(network)) {
          state = event.get().data().text("to").orElse("");
          System.out.println("event: " + event.get().data().text("from").orElse("") + " -> " + state);
        }
      }
      System.out.println(
          "connected: " + network + " on " + connected.text("interface").orElse("?"));
    } catch (ControlException failed) {
      if (failed.kind() == ControlException.Kind.REFUSED) {
        System.err.println("refused: " + failed.type() + ": " + failed.getMessage());
        failed.problems().forEach(problem -> System.err.println("  " + problem));
      } else {
        System.err.println(failed.getMessage());
      }
      System.exit(1);
    }
  }
}
