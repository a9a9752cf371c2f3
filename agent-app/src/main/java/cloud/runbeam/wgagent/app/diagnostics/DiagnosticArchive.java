package cloud.runbeam.wgagent.app.diagnostics;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.KeySearch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A zip file that is fit to be sent to somebody: collected, searched for keys, and only then
 * packed.
 *
 * @param name file name, with the time in it
 * @param entries name and length of each file
 * @param bytes the zip file
 */
// Compared by nobody.
@SuppressWarnings("ArrayRecordComponent")
public record DiagnosticArchive(String name, List<Entry> entries, byte[] bytes) {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** Copies the list. */
  public DiagnosticArchive {
    entries = List.copyOf(entries);
  }

  /**
   * One file.
   *
   * @param name in the archive
   * @param bytes its length, unpacked
   */
  public record Entry(String name, int bytes) {}

  /**
   * Makes an archive. Any thread; takes as long as the slowest section.
   *
   * @param keys the keys that must not be in it; those that sections make come too late to be in
   *     any, so the search is made afterwards
   * @throws SecretFoundException if one is
   */
  public static DiagnosticArchive collect(List<Section> sections, KeyArena keys, Instant now)
      throws SecretFoundException, IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (Section section : sections) {
      byte[] content = content(section);
      if (content.length > 0) {
        files.put(section.name(), content);
      }
    }
    KeySearch search = keys.newSearch();
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Optional<KeySearch.Sighting> found = search.in(file.getValue());
      if (found.isPresent()) {
        throw new SecretFoundException(
            file.getKey(),
            found.get().form().name().toLowerCase(Locale.ROOT),
            found.get().offset());
      }
    }
    List<Entry> entries = new ArrayList<>();
    files.forEach((name, content) -> entries.add(new Entry(name, content.length)));
    return new DiagnosticArchive(
        "wg-agent-diag-" + TIME.format(now) + ".zip", entries, pack(files, now));
  }

  private static byte[] content(Section section) {
    try {
      return section.source().content();
    } catch (IOException | RuntimeException e) {
      // The others are worth having; what failed is itself of interest.
      return (section.name() + " could not be collected: " + e + "\n")
          .getBytes(StandardCharsets.UTF_8);
    }
  }

  private static byte[] pack(Map<String, byte[]> files, Instant now) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(packed, StandardCharsets.UTF_8)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        ZipEntry entry = new ZipEntry(file.getKey());
        entry.setLastModifiedTime(FileTime.from(now));
        zip.putNextEntry(entry);
        zip.write(file.getValue());
        zip.closeEntry();
      }
    }
    return packed.toByteArray();
  }
}
