package cloud.runbeam.wgagent.platform.linux.firewall;

import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.netlink.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Runs {@code nft}: found in directories that only root writes, without a shell, with an empty
 * environment, its arguments fixed and the script on standard input. Any thread; a call blocks
 * until the program ends, {@value #PATIENCE_S} s at the longest.
 */
final class Nft {
  private static final List<Path> PROGRAMS =
      List.of(
          Path.of("/usr/sbin/nft"),
          Path.of("/sbin/nft"),
          Path.of("/usr/bin/nft"),
          Path.of("/usr/local/sbin/nft"),
          Path.of("/run/current-system/sw/bin/nft"));
  private static final long PATIENCE_S = 10;
  private static final int MAX_OUTPUT_BYTES = 256 * 1024;
  private static final int MAX_MESSAGE_CHARACTERS = 400;

  private final List<Path> programs;

  Nft() {
    this(PROGRAMS);
  }

  Nft(List<Path> programs) {
    this.programs = List.copyOf(programs);
  }

  /** Applies a script whole or not at all. */
  void apply(String attempt, String script) throws PlatformException {
    Result result = run(attempt, script, List.of("-f", "-"));
    if (result.status() != 0) {
      throw refused(attempt, result.output());
    }
  }

  /** A table of family {@code inet} in nft's own words, numbers as numbers; empty if there is none. */
  Optional<String> table(String attempt, String name) throws PlatformException {
    Result result = run(attempt, "", List.of("-nn", "list", "table", "inet", name));
    if (result.status() == 0) {
      return Optional.of(result.output());
    }
    if (result.output().contains("No such file or directory")) {
      return Optional.empty();
    }
    throw refused(attempt, result.output());
  }

  /** Whether the program is installed. */
  boolean isInstalled() {
    return program().isPresent();
  }

  private Optional<Path> program() {
    return programs.stream().filter(Files::isExecutable).findFirst();
  }

  private Result run(String attempt, String input, List<String> arguments)
      throws PlatformException {
    Path program =
        program()
            .orElseThrow(() ->
                new PlatformException(
                    attempt,
                    "nft is not installed",
                    "install it (apt install nftables, dnf install nftables, apk add nftables)"));
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().put("LC_ALL", "C");
    try {
      Process process = builder.start();
      try {
        return finish(process, input);
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException failed) {
      throw new PlatformException(
          attempt, program + ": " + failed.getMessage(), "see whether it runs: nft list ruleset");
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw new PlatformException(attempt, program + " was interrupted", "try again");
    }
  }

  private static Result finish(Process process, String input)
      throws IOException, InterruptedException {
    CompletableFuture<String> output = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> output.complete(read(process.getInputStream())));
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException closed) {
      // It ended without reading; its status tells why.
    }
    if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
      throw new IOException("did not end within " + PATIENCE_S + " s");
    }
    return new Result(process.exitValue(), output.join());
  }

  private static String read(InputStream stream) {
    try (stream) {
      byte[] kept = stream.readNBytes(MAX_OUTPUT_BYTES);
      stream.skip(Long.MAX_VALUE);
      return new String(kept, StandardCharsets.UTF_8);
    } catch (IOException torn) {
      return "";
    }
  }

  private static PlatformException refused(String attempt, String output) {
    String line = output.strip().replaceAll("[^\\x20-\\x7E]+", " ");
    String said =
        line.length() <= MAX_MESSAGE_CHARACTERS ? line : line.substring(0, MAX_MESSAGE_CHARACTERS);
    String advice =
        output.contains("Operation not permitted")
            ? Refusal.NEED_CAPABILITY
            : "see whether this kernel has nf_tables: nft list ruleset";
    return new PlatformException(attempt, "nft: " + said, advice);
  }

  private record Result(int status, String output) {}
}
