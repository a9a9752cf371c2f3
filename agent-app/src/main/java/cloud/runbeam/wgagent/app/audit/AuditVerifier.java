package cloud.runbeam.wgagent.app.audit;

import cloud.runbeam.wgagent.app.audit.AuditChain.Head;
import cloud.runbeam.wgagent.app.audit.AuditChain.Link;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Follows the chain of an audit log from its oldest file to its end. One thread. */
public final class AuditVerifier {
  private final Path directory;
  private final int kept;
  private final List<String> remarks = new ArrayList<>();
  private long entries;
  private @Nullable Head last;

  private AuditVerifier(Path directory, int kept) {
    this.directory = directory;
    this.kept = kept;
  }

  /**
   * Verifies the log in {@code directory}.
   *
   * @param kept how many full logs are kept beside the one that is written
   * @throws IOException if it cannot be read
   */
  public static Verdict verify(Path directory, int kept) throws IOException {
    return new AuditVerifier(directory, kept).verify();
  }

  private Verdict verify() throws IOException {
    for (int i = kept; i >= 0; i--) {
      Path file = i == 0 ? directory.resolve(AuditChain.NAME) : AuditFile.numbered(directory, i);
      if (Files.exists(file)) {
        Optional<String> fault = verify(file);
        if (fault.isPresent()) {
          return new Verdict(entries, fault, remarks);
        }
      }
    }
    return new Verdict(entries, missingAtTheEnd(), remarks);
  }

  private Optional<String> verify(Path file) throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      String torn = null;
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        Optional<Link> link = AuditChain.parse(line);
        if (torn != null && (link.isEmpty() || !tellsOf(link.get(), torn))) {
          return Optional.of(file + ":" + (number - 1) + ": changed, or not a line of this log");
        }
        if (link.isEmpty()) {
          torn = line; // All right if the next line tells of it.
          continue;
        }
        Optional<String> fault = follow(link.get(), file, number, torn != null);
        if (fault.isPresent()) {
          return fault;
        }
        torn = null;
      }
      return torn == null
          ? Optional.empty()
          : Optional.of(file + ":" + number + ": changed, or not a line of this log");
    }
  }

  private static boolean tellsOf(Link link, String torn) {
    return link.line()
        .contains("\"event\":\"recovered\",\"torn\":\"" + AuditChain.hash(torn) + "\"");
  }

  private Optional<String> follow(Link link, Path file, int number, boolean afterTorn) {
    Head before = last;
    last = new Head(link.sequence(), link.hash());
    entries++;
    if (afterTorn) {
      remarks.add(file + ":" + (number - 1) + ": unfinished, after a crash or on a full disk");
    }
    if (before == null) {
      if (link.sequence() == 1) {
        return Optional.empty();
      }
      if (!file.equals(AuditFile.numbered(directory, kept))) {
        return Optional.of(
            file + ":" + number + ": entries 1 to " + (link.sequence() - 1) + " are missing");
      }
      remarks.add("begins with entry " + link.sequence() + "; older ones went with full logs");
      return Optional.empty();
    }
    if (link.sequence() == before.sequence() + 1 && link.previous().equals(before.hash())) {
      return Optional.empty();
    }
    long missing = link.sequence() - before.sequence() - 1;
    return Optional.of(
        file
            + ":"
            + number
            + ": does not follow entry "
            + before.sequence()
            + (missing > 0 ? "; " + missing + " are missing" : ""));
  }

  private Optional<String> missingAtTheEnd() throws IOException {
    Path file = directory.resolve(AuditChain.HEAD);
    if (!Files.exists(file)) {
      return entries == 0
          ? Optional.empty()
          : Optional.of(file + " is missing: nobody can tell whether the end was cut off");
    }
    Optional<Head> head = AuditChain.parseHead(Files.readString(file, StandardCharsets.UTF_8));
    if (head.isEmpty()) {
      return Optional.of(file + " is changed");
    }
    long end = last == null ? 0 : last.sequence();
    long missing = head.get().sequence() - end;
    if (missing > 0) {
      return Optional.of(
          "the end is cut off: " + missing + " entries after " + end + " are missing");
    }
    boolean same = last != null && last.hash().equals(head.get().hash());
    return missing == 0 && !same
        ? Optional.of("the last entry is not the one that was written last")
        : Optional.empty();
  }

  /**
   * What was found.
   *
   * @param entries how many were read up to the first fault
   * @param fault the first fault: file, line, what is wrong
   * @param remarks what is no fault but should be known
   */
  public record Verdict(long entries, Optional<String> fault, List<String> remarks) {
    /** Copies the list. */
    public Verdict {
      remarks = List.copyOf(remarks);
    }
  }
}
