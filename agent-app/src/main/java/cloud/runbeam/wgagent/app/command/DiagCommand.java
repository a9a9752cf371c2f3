package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Option;
import cloud.runbeam.wgagent.client.ControlClient;
import cloud.runbeam.wgagent.client.ControlException;
import cloud.runbeam.wgagent.client.JsonValue;
import java.io.IOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code diag}: everything that helps to find a fault, without secrets. */
final class DiagCommand implements Command {
  private static final Option OUTPUT =
      Option.value(
          "--output", "FILE", Kind.FILE, "write it to this new file, mode 0600, instead of here");

  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "diag",
        List.of(),
        "Collect what helps to find a fault, without keys.",
        List.of(),
        List.of(OUTPUT, CommandSyntax.JSON),
        List.of(new Example("diag --output diag.json", "a file to attach to a report")));
  }

  @Override
  public Action read(CommandArguments arguments) {
    Optional<String> file = arguments.value(OUTPUT);
    return (agent, output) -> run(agent, file, output);
  }

  private static int run(ControlClient agent, Optional<String> file, CommandOutput output)
      throws ControlException, IOException {
    JsonValue result = agent.call("diag", Map.of(), OneCall.SLOW);
    if (file.isEmpty()) {
      output.json(result);
      return Action.OK;
    }
    Path path = Path.of(file.get());
    try (SeekableByteChannel channel =
            Files.newByteChannel(
                path,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(
                    PosixFilePermissions.fromString("rw-------")));
        Writer writer = Channels.newWriter(channel, StandardCharsets.UTF_8)) {
      writer.write(result.toIndentedJson() + "\n");
    } catch (FileAlreadyExistsException _) {
      output.err().println("wg-agent: " + path + " exists: name a file that does not");
      return Action.FAILED;
    }
    output.line("written to " + path);
    return Action.OK;
  }
}
