package cloud.runbeam.wgagent.app.host;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A journal in a file of lines ({@link JournalLine}) that only grows. When nothing is open any more
 * the file is removed; when most of it is crossed off it is written anew beside itself and renamed.
 *
 * <p>A line cut short by a crash or a full disk fails its checksum and is left out. That is safe:
 * its change was not made, because {@link #intend} had not returned.
 */
final class FileJournal implements ChangeJournal {
  private static final String TITLE = "wg-agent-journal 1 ";

  /** 130,000 routes are 10 MB. */
  private static final long MAX_BYTES = 256L << 20;

  /** Below this a file is not worth writing anew. */
  private static final int COMPACT_LINES = 1_000;

  private final Path file;
  private final String epoch;
  private final JournalDisk disk;
  private final TreeMap<Long, String> open = new TreeMap<>();
  private final List<String> damage = new ArrayList<>();
  private boolean sameEpoch = true;
  private boolean written;
  private boolean torn;
  private long next = 1;
  private int lines;

  private FileJournal(Path file, String epoch, JournalDisk disk) {
    this.file = file;
    this.epoch = epoch;
    this.disk = disk;
  }

  /** Reads what there is; changes nothing. */
  static FileJournal open(Path file, String epoch, JournalDisk disk) throws IOException {
    FileJournal journal = new FileJournal(file, epoch, disk);
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      journal.read();
    }
    return journal;
  }

  @Override
  public List<Long> intend(List<String> entries) throws IOException {
    List<Long> numbers = new ArrayList<>(entries.size());
    StringBuilder text = new StringBuilder();
    long number = next;
    for (String entry : entries) {
      text.append(JournalLine.of("+ " + number + " " + entry));
      numbers.add(number);
      number++;
    }
    append(text.toString(), entries.size());
    for (int i = 0; i < entries.size(); i++) {
      open.put(numbers.get(i), entries.get(i));
    }
    next = number;
    return numbers;
  }

  @Override
  public void settle(Collection<Long> numbers) throws IOException {
    List<Long> known = numbers.stream().filter(open::containsKey).distinct().toList();
    if (known.size() == open.size() && written) {
      Files.deleteIfExists(file);
      syncDirectory();
      written = false;
      torn = false;
      lines = 0;
    } else if (!known.isEmpty()) {
      StringBuilder crossedOff = new StringBuilder("-");
      known.forEach(number -> crossedOff.append(' ').append(number));
      append(JournalLine.of(crossedOff.toString()), known.size());
    }
    known.forEach(open::remove);
    if (lines > COMPACT_LINES && lines > 3 * open.size()) {
      compact();
    }
  }

  @Override
  public SortedMap<Long, String> open() {
    return new TreeMap<>(open);
  }

  @Override
  public boolean sameEpoch() {
    return sameEpoch;
  }

  @Override
  public List<String> damage() {
    return List.copyOf(damage);
  }

  @Override
  public void close() {
    // Nothing is held between calls.
  }

  private void append(String text, int count) throws IOException {
    if (!sameEpoch) {
      // What is written from now on belongs to the machine as it is now.
      compact();
      sameEpoch = true;
      torn = false;
    }
    // Whatever stands unfinished at the end must not swallow this line.
    String whole = (torn ? "\n" : "") + (written ? "" : JournalLine.of(TITLE + epoch)) + text;
    boolean isNew = !written;
    try {
      disk.append(file, whole.getBytes(StandardCharsets.US_ASCII));
      if (isNew) {
        syncDirectory();
      }
    } catch (IOException failed) {
      torn = true;
      throw new IOException("cannot write to " + file + ": " + failed, failed);
    }
    torn = false;
    written = true;
    lines += count;
  }

  private void compact() throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    StringBuilder text = new StringBuilder(JournalLine.of(TITLE + epoch));
    open.forEach((number, entry) -> text.append(JournalLine.of("+ " + number + " " + entry)));
    disk.append(fresh, text.toString().getBytes(StandardCharsets.US_ASCII));
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncDirectory();
    lines = open.size();
  }

  /** So that the file's name is on disk as well as its content. */
  private void syncDirectory() throws IOException {
    Path directory = file.getParent();
    if (directory == null
        || !directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      // Where directories cannot be opened they cannot be synced either.
      return;
    }
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private void read() throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > MAX_BYTES) {
      throw new IOException(
          file + " is no journal of ours: look at it, and move it away if nothing is left over");
    }
    written = true;
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    torn = !text.endsWith("\n");
    String[] all = text.split("\n", -1);
    for (int i = 0; i < all.length; i++) {
      // A last line without an end was cut short: its change was never made.
      boolean cutShort = i == all.length - 1;
      if (!all[i].isEmpty()
          && !cutShort
          && !JournalLine.payload(all[i]).map(this::take).orElse(false)) {
        damage.add(file + ":" + (i + 1) + ": damaged line, left out");
      }
    }
    next = open.isEmpty() ? next : Math.max(next, open.lastKey() + 1);
  }

  /** Takes one line in; false if it makes no sense. */
  private boolean take(String payload) {
    if (payload.startsWith(TITLE)) {
      sameEpoch = payload.substring(TITLE.length()).equals(epoch);
      return true;
    }
    lines++;
    String[] words = payload.split(" ", 3);
    try {
      if (words.length == 3 && words[0].equals("+")) {
        long number = Long.parseLong(words[1]);
        open.put(number, words[2]);
        next = Math.max(next, number + 1);
        return true;
      }
      if (words.length >= 2 && words[0].equals("-")) {
        for (String number : payload.substring(2).split(" ", -1)) {
          open.remove(Long.parseLong(number));
        }
        return true;
      }
    } catch (NumberFormatException damaged) {
      return false;
    }
    return false;
  }
}
