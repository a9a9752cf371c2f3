package cloud.runbeam.wgagent.app.command;

import cloud.runbeam.wgagent.app.command.CommandSyntax.Example;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Kind;
import cloud.runbeam.wgagent.app.command.CommandSyntax.Option;
import cloud.runbeam.wgagent.client.ControlClient;
import cloud.runbeam.wgagent.client.ControlException;
import cloud.runbeam.wgagent.client.JsonValue;
import cloud.runbeam.wgagent.client.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code diag}: everything that helps to find a fault, without secrets, in one zip file. */
final class DiagCommand implements Command {
  private static final Option OUTPUT =
      Option.value(
          "--output",
          "FILE",
          Kind.FILE,
          "write it to this new file here, mode 0600, instead of the agent's state directory");

  @Override
  public CommandSyntax syntax() {
    return new CommandSyntax(
        "diag",
        List.of(),
        "Collect what helps to find a fault, without keys.",
        List.of(),
        List.of(OUTPUT, CommandSyntax.JSON),
        List.of(
            new Example("diag", "keep it where the agent keeps its state"),
            new Example("diag --output diag.zip", "a file to attach to a report")));
  }

  @Override
  public Action read(CommandArguments arguments) throws CommandUsageException {
    boolean json = arguments.has(CommandSyntax.JSON);
    Optional<String> file = arguments.value(OUTPUT);
    if (file.isEmpty()) {
      return new OneCall("diag", OneCall.noParams(), OneCall.SLOW, json, DiagCommand::show);
    }
    try {
      Path path = Path.of(file.get());
      return (agent, output) -> fetch(agent, path, json, output);
    } catch (InvalidPathException e) {
      throw new CommandUsageException("option --output names no file: " + e.getMessage());
    }
  }

  private static int fetch(ControlClient agent, Path path, boolean json, CommandOutput output)
      throws ControlException, IOException {
    if (Files.exists(path)) {
      return exists(path, output);
    }
    JsonValue result = agent.call("diag", Map.of("archive", JsonValue.of(true)), OneCall.SLOW);
    JsonObject answer = result instanceof JsonObject object ? object : new JsonObject(Map.of());
    byte[] archive;
    try {
      archive = Base64.getDecoder().decode(answer.text("archive").orElse(""));
    } catch (IllegalArgumentException e) {
      throw new IOException("the agent's archive is not base64: " + e.getMessage(), e);
    }
    if (archive.length == 0) {
      output
          .err()
          .println(
              "wg-agent: the archive is too large for an answer; it is kept on the agent's machine"
                  + answer.text("path").map(kept -> ": " + TextTable.printable(kept)).orElse(""));
      return Action.FAILED;
    }
    boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] ownerOnly =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    try (SeekableByteChannel channel =
        Files.newByteChannel(
            path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly)) {
      ByteBuffer content = ByteBuffer.wrap(archive);
      while (content.hasRemaining()) {
        channel.write(content);
      }
    } catch (FileAlreadyExistsException _) {
      return exists(path, output);
    }
    Map<String, JsonValue> told = OneCall.noParams();
    told.putAll(answer.members());
    told.remove("archive");
    told.put("path", JsonValue.of(path.toString()));
    JsonObject shown = new JsonObject(told);
    if (json) {
      output.json(shown);
      return Action.OK;
    }
    return show(shown, output);
  }

  private static int exists(Path path, CommandOutput output) {
    output.err().println("wg-agent: " + path + " exists: name a file that does not");
    return Action.FAILED;
  }

  private static int show(JsonObject result, CommandOutput output) {
    TextTable files = new TextTable("file~", "size");
    for (JsonObject entry : result.objects("entries")) {
      files.row(
          entry.text("name").orElse("?"), entry.integer("bytes").map(ByteCount::text).orElse("-"));
    }
    output.line(
        "written to "
            + TextTable.printable(result.text("path").orElse("?"))
            + ", "
            + result.integer("bytes").map(ByteCount::text).orElse("?")
            + "; no key is in it");
    output.text(files.text(output));
    return Action.OK;
  }
}
