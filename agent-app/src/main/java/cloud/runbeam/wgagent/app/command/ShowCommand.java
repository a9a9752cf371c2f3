package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Operand;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Option;
import cloud.runbeam.wgagent.client.ControlClient;
import cloud.runbeam.wgagent.client.ControlException;
import cloud.runbeam.wgagent.client.JsonValue;
import cloud.runbeam.wgagent.client.JsonValue.JsonArray;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleFunction;

/** {@code show}: everything that is known of one peer. */
final class ShowCommand implements Command {
  /** So much of a public key tells it from the others. */
  private static final int MIN_KEY_CHARACTERS = 6;

  private static final Option NETWORK =
      Option.value("--network", "NETWORK", Kind.NETWORK, "only among its peers");

  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "show",
        List.of(),
        "Show everything that is known of one peer.",
        List.of(
            new Operand(
                "PEER", Kind.PEER, true, "its name, its public key, or the start of the key")),
        List.of(NETWORK, CommandSyntax.JSON),
        List.of(
            new Example("show laptop", "endpoint, handshake, traffic, losses"),
            new Example("show T2fCIb --network office", "by the start of its key")));
  }

  @Override
  public Action read(CommandArguments arguments) {
    Map<String, JsonValue> params = OneCall.noParams();
    arguments.value(NETWORK).ifPresent(name -> params.put("network", JsonValue.of(name)));
    String peer = arguments.required(0);
    boolean json = arguments.has(CommandSyntax.JSON);
    return (agent, output) -> show(agent, params, peer, json, output);
  }

  private static int show(
      ControlClient agent,
      Map<String, JsonValue> params,
      String wanted,
      boolean json,
      CommandOutput output)
      throws ControlException {
    List<JsonObject> found = new ArrayList<>();
    for (JsonObject network :
        StatusReport.of(agent.call("status", params, OneCall.QUICK)).networks()) {
      for (JsonObject peer :
          network.object("peers").map(peers -> peers.objects("detail")).orElse(List.of())) {
        if (isMeant(peer, wanted)) {
          Map<String, JsonValue> members = new LinkedHashMap<>();
          network.get("network").ifPresent(name -> members.put("network", name));
          members.putAll(peer.members());
          found.add(new JsonObject(members));
        }
      }
    }
    if (found.isEmpty()) {
      output
          .err()
          .println(
              "wg-agent: no peer is called "
                  + TextTable.printable(wanted)
                  + " or has a key that begins so; 'peers' lists them");
      return Action.FAILED;
    }
    if (json) {
      output.json(new JsonArray(List.copyOf(found)));
      return Action.OK;
    }
    for (int i = 0; i < found.size(); i++) {
      output.text(i == 0 ? "" : "\n");
      Members.print(
          readable(found.get(i)),
          List.of("network", "name", "public_key", "state", "reason", "endpoint", "allowed_ips"),
          output);
      history(agent, found.get(i), output);
    }
    return Action.OK;
  }

  /** The last hour, a character for each minute; nothing where the agent has none. */
  private static void history(ControlClient agent, JsonObject peer, CommandOutput output)
      throws ControlException {
    Map<String, JsonValue> params = new LinkedHashMap<>();
    peer.get("network").ifPresent(name -> params.put("network", name));
    peer.get("public_key").ifPresent(key -> params.put("peer", key));
    List<JsonObject> points;
    try {
      points =
          agent.call("history", params, OneCall.QUICK) instanceof JsonObject result
              ? result.objects("points")
              : List.of();
    } catch (ControlException e) {
      if (e.kind() != ControlException.Kind.REFUSED) {
        throw e;
      }
      return; // An older agent, or a peer that was removed just now.
    }
    if (points.size() < 2) {
      return;
    }
    output.line("the last " + points.size() + " minutes:");
    spark("out", points, "tx_bytes_per_second", ShowCommand::rate, output);
    spark("in", points, "rx_bytes_per_second", ShowCommand::rate, output);
    spark("loss", points, "loss_ratio", ShowCommand::percent, output);
    spark("latency", points, "latency_ms", ShowCommand::milliseconds, output);
  }

  private static void spark(
      String name,
      List<JsonObject> points,
      String member,
      DoubleFunction<String> unit,
      CommandOutput output) {
    List<OptionalDouble> values =
        points.stream()
            .map(point -> point.number(member))
            .map(value -> value.map(OptionalDouble::of).orElseGet(OptionalDouble::empty))
            .toList();
    output.line(String.format(Locale.ROOT, "  %-7s  %s", name, Sparkline.of(values)));
    output.line("           at most " + unit.apply(Sparkline.largest(values)));
  }

  private static String rate(double bytesPerSecond) {
    return ByteCount.text(Math.round(bytesPerSecond)) + "/s";
  }

  private static String percent(double ratio) {
    return String.format(Locale.ROOT, "%.1f %%", ratio * 100);
  }

  private static String milliseconds(double ms) {
    return String.format(Locale.ROOT, "%.1f ms", ms);
  }

  private static boolean isMeant(JsonObject peer, String wanted) {
    Optional<String> key = peer.text("public_key");
    return peer.text("name").filter(wanted::equals).isPresent()
        || (wanted.length() >= MIN_KEY_CHARACTERS
            && key.filter(text -> text.startsWith(wanted)).isPresent());
  }

  /** Numbers with their units. */
  private static JsonObject readable(JsonObject peer) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    peer.members()
        .forEach((name, value) -> {
          if (name.equals("last_handshake_seconds")) {
            String age = peer.integer(name).map(Spans::text).map(text -> text + " ago").orElse("-");
            members.put("last_handshake", JsonValue.of(age));
          } else if (name.equals("latency_ms")) {
            members.put("latency", JsonValue.of(StatusReport.latency(peer)));
          } else if (name.endsWith("_ratio")) {
            members.put(
                name.substring(0, name.lastIndexOf('_')),
                JsonValue.of(peer.number(name).map(ShowCommand::percent).orElse("-")));
          } else if (name.endsWith("_bytes")) {
            members.put(
                name.equals("tx_bytes") ? "sent" : name.equals("rx_bytes") ? "received" : name,
                JsonValue.of(peer.integer(name).map(ByteCount::text).orElse("-")));
          } else {
            members.put(name, value);
          }
        });
    return new JsonObject(members);
  }
}
