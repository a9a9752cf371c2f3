package cloud.runbeam.wgagent.app.command;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Every command by name. The class of a command is loaded when it is asked for. */
public final class Commands {
  private static final Map<String, Supplier<Command>> BY_NAME = byName();

  /** Other names; the same as in the commands' syntax, here so that no class need be loaded. */
  private static final Map<String, String> ALIASES =
      Map.of(
          "apply",
          "reload",
          "list",
          "networks",
          "rotate",
          "rotate-keys",
          "version",
          "agent-version");

  private Commands() {}

  private static Map<String, Supplier<Command>> byName() {
    Map<String, Supplier<Command>> commands = new LinkedHashMap<>();
    commands.put("status", StatusCommand::new);
    commands.put("networks", NetworksCommand::new);
    commands.put("connect", ConnectCommand::new);
    commands.put("disconnect", DisconnectCommand::new);
    commands.put("reload", ReloadCommand::new);
    commands.put("plan", PlanCommand::new);
    commands.put("confirm", ConfirmCommand::new);
    commands.put("rotate-keys", RotateKeysCommand::new);
    commands.put("peers", PeersCommand::new);
    commands.put("show", ShowCommand::new);
    commands.put("peer set", PeerSetCommand::new);
    commands.put("peer remove", PeerRemoveCommand::new);
    commands.put("why", WhyCommand::new);
    commands.put("events", EventsCommand::new);
    commands.put("logs", LogsCommand::new);
    commands.put("diag", DiagCommand::new);
    commands.put("ping", PingCommand::new);
    commands.put("agent-version", AgentVersionCommand::new);
    return Collections.unmodifiableMap(commands);
  }

  /** All names, in the order of the help; some are two words. */
  public static Collection<String> names() {
    return BY_NAME.keySet();
  }

  /** All commands, in the order of the help. */
  public static List<Command> all() {
    return BY_NAME.values().stream().map(Supplier::get).toList();
  }

  /** The command of that name or alias. */
  public static Optional<Command> find(String name) {
    return Optional.ofNullable(BY_NAME.get(ALIASES.getOrDefault(name, name))).map(Supplier::get);
  }

  /**
   * A command found at the start of a line.
   *
   * @param command which
   * @param rest the words behind its name
   */
  public record Found(Command command, List<String> rest) {}

  /** The command that {@code words} begin with; names of two words first. */
  public static Optional<Found> find(List<String> words) {
    for (int length = Math.min(2, words.size()); length > 0; length--) {
      Optional<Command> command = find(String.join(" ", words.subList(0, length)));
      if (command.isPresent()) {
        return Optional.of(new Found(command.get(), words.subList(length, words.size())));
      }
    }
    return Optional.empty();
  }
}
