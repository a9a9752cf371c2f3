package cloud.runbeam.wgagent.app.namespace;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs programs to their end, bounded in time. */
final class Shell {
  private static final long TIMEOUT_SECONDS = 60;

  private Shell() {}

  /** What a program did. */
  record Result(List<String> command, int exitCode, String out, String err) {
    /** Standard output of a program that must have succeeded. */
    String expectSuccess() {
      if (exitCode != 0) {
        throw new AssertionError(this);
      }
      return out;
    }

    @Override
    public String toString() {
      return String.join(" ", command)
          + "\n  exit "
          + exitCode
          + "\n  out: "
          + out
          + "\n  err: "
          + err;
    }
  }

  /** Runs a program that must succeed, and returns its standard output. */
  static String run(String... command) {
    return execute("", command).expectSuccess();
  }

  /** Runs a program with {@code input} on its standard input, whatever it thinks of it. */
  static Result execute(String input, String... command) {
    return execute(input, new ProcessBuilder(command));
  }

  /**
   * Runs a prepared program to its end; one that takes longer than a minute is killed and fails the
   * test.
   */
  static Result execute(String input, ProcessBuilder builder) {
    List<String> command = List.copyOf(builder.command());
    try {
      Process process = builder.start();
      CompletableFuture<String> out = drain(process.getInputStream());
      CompletableFuture<String> err = drain(process.getErrorStream());
      feed(process, input);
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(
            String.join(" ", command)
                + " did not end within "
                + TIMEOUT_SECONDS
                + " s; out: "
                + out.join()
                + " err: "
                + err.join());
      }
      return new Result(command, process.exitValue(), out.join(), err.join());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while running " + command, e);
    }
  }

  private static void feed(Process process, String input) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException closed) {
      // The program ended without reading it all; its exit code tells the rest.
      return;
    }
  }

  private static CompletableFuture<String> drain(InputStream stream) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        command -> Thread.ofVirtual().start(command));
  }
}
