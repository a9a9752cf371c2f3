package cloud.runbeam.wgagent.platform.linux.tool;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs programs of the system: from directories that only root writes, never through a shell, with
 * an environment of two variables, for a limited time. Any thread.
 */
public final class SystemTools {
  /** Where distributions put them; the last is NixOS's. */
  private static final List<Path> DIRECTORIES =
      List.of(
          Path.of("/usr/bin"),
          Path.of("/usr/sbin"),
          Path.of("/bin"),
          Path.of("/sbin"),
          Path.of("/run/current-system/sw/bin"));

  /** Longer than any of them takes on a slow machine that waits for D-Bus. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** A grandchild may keep the pipe open after the program has ended. */
  private static final Duration OUTPUT_PATIENCE = Duration.ofSeconds(1);

  private static final int MAX_OUTPUT_BYTES = 16 * 1024;
  private static final int MAX_MESSAGE_CHARACTERS = 300;

  private final List<Path> directories;
  private final Duration patience;

  /** Programs in the usual directories, ten seconds each. */
  public SystemTools() {
    this(DIRECTORIES, PATIENCE);
  }

  /** Programs in these directories. */
  public SystemTools(List<Path> directories, Duration patience) {
    this.directories = List.copyOf(directories);
    this.patience = patience;
  }

  /** Where the program is, if it is installed. */
  public Optional<Path> find(String program) {
    return directories.stream()
        .map(directory -> directory.resolve(program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Runs a program to its end.
   *
   * @param input what it reads, ASCII
   * @return what it printed, both streams in one
   * @throws IOException if it is missing, does not end in time or ends with an error; the message
   *     says which command and why
   */
  public String run(String input, String program, List<String> arguments) throws IOException {
    Result result = start(input, program, arguments);
    if (result.status() != 0) {
      throw new IOException(
          command(program, arguments)
              + " ended with "
              + result.status()
              + ": "
              + printable(result.output()));
    }
    return result.output();
  }

  /** The same, with an error status for the caller to judge. */
  public Result start(String input, String program, List<String> arguments) throws IOException {
    Path file = find(program).orElseThrow(() -> new IOException(program + " is not installed"));
    List<String> command = new ArrayList<>();
    command.add(file.toString());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    builder
        .environment()
        .put("PATH", String.join(":", DIRECTORIES.stream().map(Path::toString).toList()));
    builder.environment().put("LC_ALL", "C");
    Process process = builder.start();
    CompletableFuture<String> output = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> output.complete(read(process.getInputStream())));
    try {
      write(process, input);
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(
            command(program, arguments) + " did not end within " + patience.toSeconds() + " s");
      }
      return new Result(process.exitValue(), await(output));
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw new IOException(command(program, arguments) + " was interrupted", interruption);
    } finally {
      process.destroyForcibly();
    }
  }

  private static void write(Process process, String input) {
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException closed) {
      // It ended without reading; its status tells why.
    }
  }

  private static String await(CompletableFuture<String> output) throws InterruptedException {
    try {
      return output.get(OUTPUT_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException unread) {
      return "";
    }
  }

  /** Reads to the end and keeps the beginning. */
  private static String read(InputStream stream) {
    try (stream) {
      byte[] kept = stream.readNBytes(MAX_OUTPUT_BYTES);
      stream.skip(Long.MAX_VALUE);
      return new String(kept, StandardCharsets.UTF_8);
    } catch (IOException torn) {
      return "";
    }
  }

  private static String command(String program, List<String> arguments) {
    return arguments.isEmpty() ? program : program + " " + String.join(" ", arguments);
  }

  /** One line of at most some hundred printable characters. */
  public static String printable(String text) {
    String line = text.strip().replaceAll("[^\\x20-\\x7E]+", " ");
    return line.length() <= MAX_MESSAGE_CHARACTERS
        ? line
        : line.substring(0, MAX_MESSAGE_CHARACTERS) + "...";
  }

  /**
   * How a program ended.
   *
   * @param status its exit status
   * @param output what it printed, at most {@value #MAX_OUTPUT_BYTES} bytes
   */
  public record Result(int status, String output) {}
}
