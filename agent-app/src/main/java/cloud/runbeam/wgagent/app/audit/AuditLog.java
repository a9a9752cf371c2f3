package cloud.runbeam.wgagent.app.audit;

import cloud.runbeam.wgagent.app.audit.AuditChain.Head;
import cloud.runbeam.wgagent.app.audit.AuditChain.Link;
import cloud.runbeam.wgagent.engine.io.WallClock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes the audit log.
 *
 * <pre>
 *   record: number and chain -> append (one at a time) -> if something changed: force to disk (one for all who wait)
 * </pre>
 *
 * <p>A log that cannot be written keeps nobody from changing the network: an operator who has a
 * full disk and a broken tunnel must be able to repair the tunnel. It is said in the log of the
 * agent and in its health until a line goes through again. Any thread.
 */
public final class AuditLog implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AuditLog.class);

  /** A log of this size is put aside. */
  public static final long STANDARD_BYTES = 10L << 20;

  /** Logs put aside that are kept. */
  public static final int STANDARD_KEPT = 9;

  /** What a change may say of itself; more is cut, because a log is to be read. */
  private static final int MAX_CHANGE_CHARACTERS = 16 * 1_024;

  private static final int MAX_TEXT_CHARACTERS = 256;

  private final Path directory;
  private final WallClock clock;
  private final long maxBytes;
  private final int kept;
  private final ReentrantLock writing = new ReentrantLock();
  private final ReentrantLock forcing = new ReentrantLock();

  /** Under {@link #writing}; null until the first entry, and after a failure. */
  private @Nullable AuditFile file;

  private volatile Optional<String> problem = Optional.empty();

  /**
   * A log in {@code directory}, which is made with the first entry if it is missing.
   *
   * @param maxBytes a log that has grown so far is put aside
   * @param kept how many that were put aside are kept
   */
  public AuditLog(Path directory, WallClock clock, long maxBytes, int kept) {
    this.directory = directory;
    this.clock = clock;
    this.maxBytes = maxBytes;
    this.kept = kept;
  }

  /**
   * Writes one entry down. When this returns, what was done is on disk, or {@link #problem} says
   * why not; what was refused reaches the disk with the next that was done.
   */
  public void record(AuditEntry entry) {
    try {
      AuditFile written;
      long sequence;
      writing.lock();
      try {
        written = open();
        sequence = written.last().sequence() + 1;
        String body = body(entry, sequence, written.last().hash());
        Link link = AuditChain.seal(sequence, written.last().hash(), body);
        written.append(link);
      } finally {
        writing.unlock();
      }
      if (entry.result().equals(AuditEntry.DONE)) {
        force(written, sequence);
      }
      if (problem.isPresent()) {
        problem = Optional.empty();
        log.info("the audit log in {} is written again", directory);
      }
    } catch (IOException failed) {
      failed(failed);
    }
  }

  /** Why changes are not written down at present. */
  public Optional<String> problem() {
    return problem;
  }

  private AuditFile open() throws IOException {
    AuditFile current = file;
    if (current != null && current.size() >= maxBytes) {
      Head last = current.last();
      file = null;
      end(current);
      AuditFile.putAside(directory, kept);
      current = AuditFile.open(directory, last);
      file = current;
    }
    if (current == null) {
      current = AuditFile.open(directory);
      file = current;
      Optional<String> torn = current.torn();
      if (torn.isPresent()) {
        log.warn("the audit log in {} ended within a line: a crash or a full disk", directory);
        current.append(
            AuditChain.seal(
                current.last().sequence() + 1,
                current.last().hash(),
                tornBody(current.last(), torn.get())));
      }
    }
    return current;
  }

  /** Not while somebody forces it. */
  private void end(AuditFile current) throws IOException {
    forcing.lock();
    try {
      current.force();
    } finally {
      current.close();
      forcing.unlock();
    }
  }

  /** Whoever comes while another one forces waits for it, and mostly finds his line forced too. */
  private void force(AuditFile written, long sequence) throws IOException {
    forcing.lock();
    try {
      if (written.forced() >= sequence) {
        return;
      }
      written.force();
    } finally {
      forcing.unlock();
    }
  }

  private void failed(IOException failed) {
    String text =
        "changes are not written to the audit log in "
            + directory
            + ": "
            + failed.getMessage()
            + ": make room, or make the directory writable for the agent's user (agent.state_dir)";
    if (problem.isEmpty()) {
      log.error("{}; they are made nevertheless", text);
    }
    problem = Optional.of(text);
    writing.lock();
    try {
      if (file != null) {
        file.close();
        file = null;
      }
    } finally {
      writing.unlock();
    }
  }

  private String body(AuditEntry entry, long sequence, String previous) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("seq", sequence);
    body.put("at", clock.now().toString());
    body.put("user", cut(entry.user()));
    put(body, "uid", entry.uid());
    put(body, "gid", entry.gid());
    put(body, "pid", entry.pid());
    entry.executable().ifPresent(path -> body.put("executable", cut(path)));
    body.put("method", cut(entry.method()));
    entry.network().ifPresent(network -> body.put("network", cut(network)));
    body.put("result", entry.result());
    body.set("change", change(entry.change()));
    body.put("prev", previous);
    return body.toString();
  }

  private String tornBody(Head last, String torn) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("seq", last.sequence() + 1);
    body.put("at", clock.now().toString());
    body.put("event", "recovered");
    body.put("torn", AuditChain.hash(torn));
    body.put("prev", last.hash());
    return body.toString();
  }

  private static JsonNode change(JsonNode change) {
    int length = change.toString().length();
    if (length <= MAX_CHANGE_CHARACTERS) {
      return change;
    }
    return JsonNodeFactory.instance.objectNode().put("characters", length).put("cut", true);
  }

  private static void put(ObjectNode body, String name, OptionalLong value) {
    value.ifPresent(number -> body.put(name, number));
  }

  private static String cut(String text) {
    return text.length() <= MAX_TEXT_CHARACTERS
        ? text
        : text.substring(0, MAX_TEXT_CHARACTERS) + "…";
  }

  @Override
  public void close() {
    writing.lock();
    try {
      AuditFile current = file;
      if (current != null) {
        file = null;
        end(current);
      }
    } catch (IOException failed) {
      log.warn("the end of the audit log in {} may be lost: {}", directory, failed.toString());
    } finally {
      writing.unlock();
    }
  }
}
