package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Option;
import cloud.runbeam.wgagent.client.AgentEvent;
import cloud.runbeam.wgagent.client.ControlClient;
import cloud.runbeam.wgagent.client.ControlException;
import cloud.runbeam.wgagent.client.EventStream;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code events}: what happens, as it happens. */
final class EventsCommand implements Command {
  /** As the control API names them. */
  static final Set<String> TOPICS =
      new LinkedHashSet<>(
          List.of("state", "handshake", "endpoint", "health", "rotation", "config"));

  private static final Option TOPIC =
      Option.value("--topic", "TOPIC", Kind.TEXT, "only these: " + String.join(", ", TOPICS))
          .repeated();
  private static final Option FOLLOW =
      new Option(
          "--follow",
          Optional.of("-f"),
          Optional.empty(),
          Kind.TEXT,
          false,
          "go on until interrupted (the default without --count and --wait)");
  private static final Option COUNT = Option.value("--count", "N", Kind.TEXT, "end after N events");
  private static final Option WAIT =
      Option.value("--wait", "SECONDS", Kind.TEXT, "end when this time is over");

  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "events",
        List.of(),
        "Print what happens in the agent, as it happens.",
        List.of(),
        List.of(TOPIC, FOLLOW, COUNT, WAIT, CommandSyntax.JSON),
        List.of(
            new Example("events", "all of them, until Ctrl-C"),
            new Example("events --topic health --json", "one JSON object a line, for a program"),
            new Example(
                "events --topic handshake --count 1 --wait 60",
                "wait for a handshake; exit code 1 when none comes")));
  }

  @Override
  public Action read(CommandArguments arguments) throws CommandUsageException {
    Set<String> topics = new LinkedHashSet<>(arguments.values(TOPIC));
    for (String topic : topics) {
      if (!TOPICS.contains(topic)) {
        throw new CommandUsageException(
            "unknown topic '" + topic + "': use " + String.join(", ", TOPICS));
      }
    }
    Optional<Long> count = arguments.number(COUNT, 1, Long.MAX_VALUE);
    Optional<Long> wait = arguments.number(WAIT, 1, 86_400);
    if (arguments.has(FOLLOW) && (count.isPresent() || wait.isPresent())) {
      throw new CommandUsageException("--follow has no end, --count and --wait are one");
    }
    boolean json = arguments.has(CommandSyntax.JSON);
    return (agent, output) -> follow(agent, topics, count, wait, json, output);
  }

  private static int follow(
      ControlClient agent,
      Set<String> topics,
      Optional<Long> count,
      Optional<Long> wait,
      boolean json,
      CommandOutput output)
      throws ControlException {
    long endNs = System.nanoTime() + wait.map(Duration::ofSeconds).orElse(Duration.ZERO).toNanos();
    try (EventStream events = agent.subscribe(topics)) {
      for (long seen = 0; count.isEmpty() || seen < count.get(); seen++) {
        Optional<AgentEvent> event =
            wait.isEmpty()
                ? Optional.of(events.next())
                : events.next(Duration.ofNanos(Math.max(0, endNs - System.nanoTime())));
        if (event.isEmpty()) {
          return count.isEmpty() ? Action.OK : Action.FAILED;
        }
        print(event.get(), json, output);
        if (output.out().checkError()) {
          return Action.OK; // Whoever read this has gone.
        }
      }
      return Action.OK;
    } catch (ControlException ended) {
      if (ended.kind() == ControlException.Kind.INTERRUPTED) {
        return Action.OK;
      }
      throw ended;
    }
  }

  private static void print(AgentEvent event, boolean json, CommandOutput output) {
    if (json) {
      output.line(event.raw().toJson());
      return;
    }
    if (event.missed() > 0) {
      output.err().println("wg-agent: " + event.missed() + " events were missed here");
    }
    String subject = event.network() + event.peer().map(peer -> "/" + peer).orElse("");
    output.line(
        TextTable.printable(event.at())
            + "  "
            + TextTable.printable(event.topic())
            + "  "
            + TextTable.printable(subject)
            + "  "
            + Members.text(event.data()));
  }
}
