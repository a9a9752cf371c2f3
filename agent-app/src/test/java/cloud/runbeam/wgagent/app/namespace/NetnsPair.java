package cloud.runbeam.wgagent.app.namespace;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Two network namespaces that stand for two hosts, joined by a veth pair.
 *
 * <pre>
 *   a: 10.99.0.1/24, fd99::1/64  ---- veth ----  b: 10.99.0.2/24, fd99::2/64
 * </pre>
 *
 * <p>Names carry the process id, so that runs side by side do not meet. Everything started in a
 * namespace ends with {@link #close}, and with the JVM at the latest.
 */
final class NetnsPair implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final AtomicInteger COUNTER = new AtomicInteger();

  private final String tag =
      "wt" + ProcessHandle.current().pid() % 100_000 + "x" + COUNTER.incrementAndGet() + "_";
  private final Deque<Process> processes = new ArrayDeque<>();
  private final List<String> namespaces = new ArrayList<>();
  private final Thread hook = new Thread(this::tearDown);
  private final Path logs;
  private int logCount;

  NetnsPair() {
    Requirements.check();
    try {
      logs = Files.createTempDirectory("wg-agent-namespace");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      addNamespace(a());
      addNamespace(b());
      Shell.run(
          "ip", "link", "add", veth("a"), "netns", a(), "type", "veth", "peer", "name", veth("b"),
          "netns", b());
      for (String end : List.of("a", "b")) {
        String host = end.equals("a") ? "1" : "2";
        in(tag + end, "ip", "addr", "add", "10.99.0." + host + "/24", "dev", veth(end));
        in(tag + end, "ip", "addr", "add", "fd99::" + host + "/64", "dev", veth(end), "nodad");
        in(tag + end, "ip", "link", "set", veth(end), "up");
      }
    } catch (AssertionError | UncheckedIOException e) {
      close();
      throw e;
    }
  }

  /** The first namespace. */
  String a() {
    return tag + "a";
  }

  /** The second namespace. */
  String b() {
    return tag + "b";
  }

  /** The veth interface in namespace {@code a} or {@code b}. */
  String veth(String end) {
    return "v" + tag + end;
  }

  /**
   * A name for a WireGuard interface that no other run uses: UAPI sockets are not divided by
   * namespace.
   */
  String device(String end) {
    return tag + end;
  }

  /** One more namespace, without any link but loopback. */
  String addNamespace(String name) {
    namespaces.add(name);
    Shell.run("ip", "netns", "add", name);
    in(name, "ip", "link", "set", "lo", "up");
    return name;
  }

  /** Runs a program in a namespace; it must succeed. */
  String in(String namespace, String... command) {
    return attempt(namespace, "", command).expectSuccess();
  }

  /** Runs a program in a namespace with {@code input} on its standard input. */
  Shell.Result attempt(String namespace, String input, String... command) {
    return Shell.execute(input, inside(namespace, command));
  }

  /** Starts a program in a namespace, its output going to a file. */
  Started start(String namespace, String... command) {
    return start(inside(namespace, command));
  }

  /** Starts a prepared program, its output going to a file. */
  Started start(ProcessBuilder builder) {
    File log = logs.resolve("log" + logCount++).toFile();
    try {
      Process process = builder.redirectErrorStream(true).redirectOutput(log).start();
      processes.push(process);
      return new Started(process, log.toPath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The program with the prefix that runs it in a namespace. Signals have their default action
   * there: a shell that runs the tests in the background makes its children ignore SIGINT.
   */
  static ProcessBuilder inside(String namespace, String... command) {
    Stream<String> prefix =
        Stream.of("ip", "netns", "exec", namespace, "env", "--default-signal=INT,QUIT");
    return new ProcessBuilder(Stream.concat(prefix, Stream.of(command)).toList());
  }

  /** A program that was started and its output so far. */
  record Started(Process process, Path log) {
    String output() {
      try {
        return Files.readString(log);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Waits for the end and returns the exit code. */
    int awaitEnd() {
      try {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
          throw new AssertionError("still running after " + PATIENCE + "; output: " + output());
        }
        return process.exitValue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      }
    }
  }

  /** Whether a namespace has a link of that name. */
  boolean hasLink(String namespace, String name) {
    return attempt(namespace, "", "ip", "link", "show", "dev", name).exitCode() == 0;
  }

  /** Process ids in a namespace. */
  static List<Long> pids(String namespace) {
    return Shell.execute("", "ip", "netns", "pids", namespace)
        .out()
        .lines()
        .map(Long::valueOf)
        .toList();
  }

  @Override
  public void close() {
    tearDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending; the hook finds nothing left.
      return;
    }
  }

  private synchronized void tearDown() {
    while (!processes.isEmpty()) {
      Process process = processes.pop();
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    for (String namespace : namespaces) {
      pids(namespace)
          .forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
      await().atMost(PATIENCE).until(() -> pids(namespace).isEmpty());
      Shell.execute("", "ip", "netns", "del", namespace);
    }
    namespaces.clear();
    removeSockets();
    remove(logs.toFile().listFiles());
    remove(new File[] {logs.toFile()});
  }

  /** A device that was killed leaves its socket file, which belongs to this run by its name. */
  private void removeSockets() {
    remove(new File("/var/run/wireguard").listFiles((directory, name) -> name.startsWith(tag)));
  }

  private static void remove(File @Nullable [] files) {
    for (File file : files == null ? new File[0] : files) {
      file.delete();
    }
  }
}
