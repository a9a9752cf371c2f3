package cloud.runbeam.wgagent.app.config.wgquick;

import cloud.runbeam.wgagent.app.config.KeySuggestion;
import cloud.runbeam.wgagent.app.config.Position;
import cloud.runbeam.wgagent.app.config.ProblemReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a wg-quick file. Keys and sections are taken in any case, and what follows a number
 * sign is comment, as both {@code wg} and {@code wg-quick} have it.
 *
 * <p>Holds secrets until {@link #close}. One thread.
 */
final class ConfFile implements AutoCloseable {
  /** Far more than any file for wg-quick, which reads it line by line in a shell. */
  private static final long MAX_FILE_BYTES = 1 << 20;

  /** Names that other programs keep in comments inside a section: {@code # Name = laptop}. */
  private static final Pattern NAME_INSIDE =
      Pattern.compile(
          "#\\s*(?:name|friendly_name)\\s*[=:]\\s*([A-Za-z0-9_][A-Za-z0-9_.-]{0,62})\\s*",
          Pattern.CASE_INSENSITIVE);

  /** And above one: {@code ### Client laptop}. */
  private static final Pattern NAME_ABOVE =
      Pattern.compile("###\\s*Client\\s+([A-Za-z0-9_][A-Za-z0-9_.-]{0,62})\\s*");

  private static final int MAX_NAME_COMMENT_BYTES = 128;

  /** The two sections. */
  enum Kind {
    INTERFACE("Interface"),
    PEER("Peer");

    private final String spelling;

    Kind(String spelling) {
      this.spelling = spelling;
    }

    String spelling() {
      return spelling;
    }
  }

  /**
   * A line {@code key = value}.
   *
   * @param text the value; empty for a secret
   * @param secret the value of a secret
   * @param position of the key
   */
  record Entry(ConfKey key, String text, Optional<SecretText> secret, Position position) {
    /** The texts of a list separated by commas or blanks. */
    List<String> words() {
      return Arrays.stream(text.split("[,\\s]+")).filter(word -> !word.isEmpty()).toList();
    }
  }

  /** A section and its lines. */
  static final class Section {
    private final Kind kind;
    private final Position position;
    private final List<Entry> entries = new ArrayList<>();
    private final Set<ConfKey> seen = EnumSet.noneOf(ConfKey.class);
    private @Nullable String name;

    Section(Kind kind, Position position) {
      this.kind = kind;
      this.position = position;
    }

    Kind kind() {
      return kind;
    }

    Position position() {
      return position;
    }

    /** What a comment in the section calls it. */
    Optional<String> name() {
      return Optional.ofNullable(name);
    }

    /** All lines, in the order of the file. */
    List<Entry> entries() {
      return entries;
    }

    List<Entry> all(ConfKey key) {
      return entries.stream().filter(entry -> entry.key() == key).toList();
    }

    Optional<Entry> first(ConfKey key) {
      return entries.stream().filter(entry -> entry.key() == key).findFirst();
    }
  }

  private final byte[] content;
  private final ConfFindings findings;
  private final List<Section> sections = new ArrayList<>();
  private @Nullable String nameOfNext;

  private ConfFile(byte[] content, ConfFindings findings) {
    this.content = content;
    this.findings = findings;
  }

  /** Reads a file; empty where there is nothing to read lines from. */
  static Optional<ConfFile> read(Path path, ConfFindings findings) {
    String what;
    try {
      if (Files.exists(path) && !Files.isRegularFile(path)) {
        whole(
            findings, ProblemReason.FILE_UNREADABLE, "is not a regular file", "name a .conf file");
        return Optional.empty();
      }
      if (Files.size(path) > MAX_FILE_BYTES) {
        whole(findings, ProblemReason.FILE_TOO_LARGE, "is larger than 1 MiB", "name a .conf file");
        return Optional.empty();
      }
      return Optional.of(of(Files.readAllBytes(path), findings));
    } catch (NoSuchFileException _) {
      whole(findings, ProblemReason.FILE_MISSING, "there is no such file", "check the path");
      return Optional.empty();
    } catch (AccessDeniedException _) {
      what = "may not be read by this user";
    } catch (IOException failed) {
      what = "cannot be read: " + failed.getMessage();
    }
    whole(findings, ProblemReason.FILE_UNREADABLE, what, "run as its owner or root");
    return Optional.empty();
  }

  /** Takes {@code content} over; it is wiped by {@link #close}. */
  static ConfFile of(byte[] content, ConfFindings findings) {
    ConfFile file = new ConfFile(content, findings);
    file.parse();
    return file;
  }

  private void parse() {
    int line = 1;
    int start = 0;
    if (content.length >= 3
        && content[0] == (byte) 0xEF
        && content[1] == (byte) 0xBB
        && content[2] == (byte) 0xBF) {
      start = 3; // The mark that some editors put before UTF-8.
    }
    while (start < content.length) {
      int end = start;
      while (end < content.length && content[end] != '\n') {
        end++;
      }
      line(start, end, line++);
      start = end + 1;
    }
  }

  private void line(int start, int end, int line) {
    int comment = start;
    while (comment < end && content[comment] != '#') {
      comment++;
    }
    if (comment < end) {
      name(comment, end);
    }
    int from = start;
    int to = comment;
    while (from < to && isBlank(content[from])) {
      from++;
    }
    while (to > from && isBlank(content[to - 1])) {
      to--;
    }
    Position at = new Position(line, from - start + 1);
    if (from == to) {
      return;
    }
    if (content[from] == '[') {
      header(from, to, at);
      return;
    }
    int equals = from;
    while (equals < to && content[equals] != '=') {
      equals++;
    }
    if (equals == to) {
      // Not quoted: it may be a key that lost its name.
      findings.problem(
          at, "", ProblemReason.SYNTAX, "is no \"Key = Value\"", "add the key, or remove the line");
      return;
    }
    entry(from, equals, to, at);
  }

  private void name(int from, int to) {
    if (to - from >= MAX_NAME_COMMENT_BYTES) {
      return;
    }
    String comment = decode(from, to).orElse("");
    Matcher above = NAME_ABOVE.matcher(comment);
    if (above.matches()) {
      nameOfNext = above.group(1);
    }
    Matcher inside = NAME_INSIDE.matcher(comment);
    if (inside.matches() && !sections.isEmpty()) {
      sections.getLast().name = inside.group(1);
    }
  }

  private void header(int from, int to, Position at) {
    String text = decode(from, to).orElse("");
    for (Kind kind : Kind.values()) {
      if (text.equalsIgnoreCase("[" + kind.spelling() + "]")) {
        Section section = new Section(kind, at);
        section.name = nameOfNext;
        nameOfNext = null;
        sections.add(section);
        return;
      }
    }
    findings.problem(
        at,
        "",
        ProblemReason.SYNTAX,
        ConfFindings.quoted(text) + " is no section",
        "write [Interface] or [Peer]");
  }

  private void entry(int from, int equals, int to, Position at) {
    int keyEnd = equals;
    while (keyEnd > from && isBlank(content[keyEnd - 1])) {
      keyEnd--;
    }
    int valueStart = equals + 1;
    while (valueStart < to && isBlank(content[valueStart])) {
      valueStart++;
    }
    String name = decode(from, keyEnd).orElse("");
    if (sections.isEmpty()) {
      findings.problem(
          at, name, ProblemReason.SYNTAX, "stands before any section", "write [Interface] first");
      return;
    }
    Section section = sections.getLast();
    Optional<ConfKey> key = ConfKey.find(section.kind(), name);
    if (key.isEmpty()) {
      unknown(section, name, at);
      return;
    }
    if (!section.seen.add(key.get()) && !key.get().repeatable()) {
      findings.problem(
          at,
          label(section, key.get()),
          ProblemReason.CONFLICTING_KEYS,
          "stands twice in this section",
          "keep one; wg would take the last");
    }
    if (key.get().secret()) {
      section.entries.add(
          new Entry(
              key.get(),
              "",
              Optional.of(new SecretText(Arrays.copyOfRange(content, valueStart, to))),
              at));
      return;
    }
    Optional<String> text = decode(valueStart, to);
    if (text.isEmpty()) {
      findings.problem(
          at,
          label(section, key.get()),
          ProblemReason.NOT_UTF8,
          "is not UTF-8",
          "save it as UTF-8");
      return;
    }
    section.entries.add(new Entry(key.get(), text.get(), Optional.empty(), at));
  }

  private void unknown(Section section, String name, Position at) {
    Kind other = section.kind() == Kind.PEER ? Kind.INTERFACE : Kind.PEER;
    String advice =
        ConfKey.find(other, name)
            .map(key -> "it belongs under [" + other.spelling() + "]")
            .or(() ->
                KeySuggestion.nearest(name, ConfKey.spellings(section.kind()))
                    .map(near -> "did you mean " + near + "?"))
            .orElse("remove it; wg-quick does not know it either");
    findings.problem(
        at,
        "[" + section.kind().spelling() + "]",
        ProblemReason.UNKNOWN_KEY,
        "unknown key " + ConfFindings.quoted(name),
        advice);
  }

  /** How a key is named in messages: {@code [Peer] AllowedIPs}. */
  static String label(Section section, ConfKey key) {
    return "[" + section.kind().spelling() + "] " + key.spelling();
  }

  /** All sections, in the order of the file. */
  List<Section> sections(Kind kind) {
    return sections.stream().filter(section -> section.kind() == kind).toList();
  }

  private Optional<String> decode(int from, int to) {
    try {
      return Optional.of(
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(content, from, to - from))
              .toString());
    } catch (CharacterCodingException _) {
      return Optional.empty();
    }
  }

  private static boolean isBlank(byte c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }

  private static void whole(
      ConfFindings findings, ProblemReason reason, String what, String advice) {
    findings.problem(Position.WHOLE_FILE, "", reason, what, advice);
  }

  /** Wipes the content and every secret. Idempotent. */
  @Override
  public void close() {
    Arrays.fill(content, (byte) 0);
    for (Section section : sections) {
      section.entries.forEach(entry -> entry.secret().ifPresent(SecretText::close));
    }
  }
}
