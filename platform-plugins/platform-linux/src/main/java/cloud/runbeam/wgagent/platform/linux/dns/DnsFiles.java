package cloud.runbeam.wgagent.platform.linux.dns;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files that tell who rules this machine's name servers.
 *
 * @param root what absolute paths start from; {@code /}, except for tests
 */
record DnsFiles(Path root) {
  private static final int MAX_LINKS = 8;

  /** Far more than any resolver reads. */
  private static final int MAX_BYTES = 256 * 1024;

  /** {@code TASK_COMM_LEN} less the terminating zero: the kernel keeps no more of a name. */
  private static final int MAX_COMMAND_CHARACTERS = 15;

  /** Those of the machine. */
  static DnsFiles ofMachine() {
    return new DnsFiles(Path.of("/"));
  }

  /** An absolute path below the root. */
  Path at(String absolute) {
    return root.resolve(absolute.substring(1));
  }

  /** {@code /etc/resolv.conf} itself, which may be a link. */
  Path resolvConf() {
    return at("/etc/resolv.conf");
  }

  /** Where the link {@code /etc/resolv.conf} leads in the end; empty if it is none. */
  Optional<String> resolvConfTarget() {
    String path = "/etc/resolv.conf";
    for (int i = 0; i < MAX_LINKS && Files.isSymbolicLink(at(path)); i++) {
      try {
        String target = Files.readSymbolicLink(at(path)).toString();
        path = Path.of(path).resolveSibling(target).normalize().toString();
      } catch (IOException gone) {
        return Optional.empty();
      }
    }
    return path.equals("/etc/resolv.conf") ? Optional.empty() : Optional.of(path);
  }

  /** The text that resolvers read, links followed; empty text if there is no such file. */
  String resolvConfText() {
    return text(resolvConfTarget().orElse("/etc/resolv.conf"));
  }

  /** A file's text, or none when it is absent, unreadable or no regular file. */
  String text(String absolute) {
    Path file = at(absolute);
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
        return "";
      }
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException unreadable) {
      return "";
    }
  }

  /** The addresses behind {@code nameserver}, in order (resolv.conf(5)). */
  static List<String> servers(String resolvConf) {
    List<String> servers = new ArrayList<>();
    for (String line : resolvConf.split("\n", -1)) {
      String[] words = line.strip().split("\\s+", -1);
      if (words.length > 1 && words[0].equals("nameserver")) {
        servers.add(words[1]);
      }
    }
    return servers;
  }

  /**
   * Whether a program runs in the network namespace of the calling thread. One that runs in another
   * means other interfaces than we do, even if it can be talked to.
   */
  Daemon daemon(String program) {
    String command = program.substring(0, Math.min(program.length(), MAX_COMMAND_CHARACTERS));
    Daemon found = Daemon.ABSENT;
    try (Stream<Path> processes = Files.list(at("/proc"))) {
      for (Path process : (Iterable<Path>) processes.filter(DnsFiles::isProcess)::iterator) {
        if (commandOf(process).equals(command)) {
          if (sharesNetwork(process)) {
            return Daemon.HERE;
          }
          found = Daemon.ELSEWHERE;
        }
      }
    } catch (IOException unreadable) {
      return Daemon.ABSENT;
    }
    return found;
  }

  private static boolean isProcess(Path directory) {
    return Character.isDigit(directory.getFileName().toString().charAt(0));
  }

  private static String commandOf(Path process) {
    try {
      return Files.readString(process.resolve("comm")).strip();
    } catch (IOException ended) {
      return "";
    }
  }

  private static boolean sharesNetwork(Path process) {
    try {
      Path theirs = Files.readSymbolicLink(process.resolve("ns/net"));
      return theirs.equals(Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")));
    } catch (IOException forbidden) {
      // Only root may look at another user's process; most machines have one namespace only.
      return true;
    }
  }

  /** Where a program runs. */
  enum Daemon {
    /** In our network namespace. */
    HERE,
    /** In another network namespace only. */
    ELSEWHERE,
    /** Not at all. */
    ABSENT
  }
}
