package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Option;
import cloud.runbeam.wgagent.client.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code ping}: whether the agent answers, and how fast. */
final class PingCommand implements Command {
  private static final Option COUNT =
      Option.value("--count", "N", Kind.TEXT, "ask N times, 1 to 10000 (default: 1)");

  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "ping",
        List.of(),
        "Ask the agent whether it answers, and say how fast.",
        List.of(),
        List.of(COUNT, CommandSyntax.JSON),
        List.of(new Example("ping --count 100", "the spread of a hundred answers")));
  }

  @Override
  public Action read(CommandArguments arguments) throws CommandUsageException {
    int count = arguments.number(COUNT, 1, 10_000).orElse(1L).intValue();
    boolean json = arguments.has(CommandSyntax.JSON);
    return (agent, output) -> {
      long[] micros = new long[count];
      for (int i = 0; i < count; i++) {
        long startNs = System.nanoTime();
        JsonValue answer = agent.call("ping", Map.of(), OneCall.QUICK);
        micros[i] = (System.nanoTime() - startNs) / 1_000;
        if (json) {
          output.json(answer);
        }
      }
      if (!json) {
        Arrays.sort(micros);
        output.line(count == 1 ? "answered in " + ms(micros[0]) : spread(micros));
      }
      return Action.OK;
    };
  }

  private static String spread(long[] sorted) {
    return sorted.length
        + " answers: median "
        + ms(sorted[sorted.length / 2])
        + ", 95 % within "
        + ms(sorted[(sorted.length - 1) * 95 / 100])
        + ", slowest "
        + ms(sorted[sorted.length - 1]);
  }

  private static String ms(long micros) {
    return String.format(Locale.ROOT, "%.2f ms", micros / 1e3);
  }
}
