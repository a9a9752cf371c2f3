package cloud.runbeam.wgagent.platform.linux;

import cloud.runbeam.wgagent.platform.api.ProcessMemory;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gives back the pages of files that are mapped only to be read ({@code /proc/PID/smaps} of
 * proc(5), {@code MADV_DONTNEED} of madvise(2)). They stay in the page cache, so that touching one
 * again is a minor fault, and the system may reuse them when it needs memory. {@code MADV_PAGEOUT}
 * would do more, but only for the owner of the file, which the agent is not meant to be.
 *
 * <p>A mapping with a single page of its own (written while it was writable) is left alone: there
 * {@code MADV_DONTNEED} would lose what was written. Any thread.
 */
final class FilePages implements ProcessMemory {
  private static final int MADV_DONTNEED = 4;

  /**
   * Or the next touch of one page would bring 2 MB back, where the file system has large folios.
   */
  private static final int MADV_NOHUGEPAGE = 15;

  /** Address range, permissions, offset, device, inode, path. */
  private static final Pattern MAPPING =
      Pattern.compile("^([0-9a-f]+)-([0-9a-f]+) r-[-x][ps] [0-9a-f]+ \\S+ [1-9][0-9]* +(/.*)$");

  private static final Pattern ANONYMOUS = Pattern.compile("^Anonymous: +([0-9]+) kB$");

  /** The calls that this class makes. */
  @FunctionalInterface
  interface Advice {
    /** {@code madvise(2)}; negative: an error. */
    int madvise(long address, long bytes, int advice);
  }

  private final Path smaps;
  private final Advice advice;

  FilePages() {
    this(
        Path.of("/proc/self/smaps"),
        (address, bytes, what) -> SystemCalls.ofThread().madvise(address, bytes, what));
  }

  FilePages(Path smaps, Advice advice) {
    this.smaps = smaps;
    this.advice = advice;
  }

  @Override
  public long giveBack() {
    List<String> lines;
    try {
      lines = Files.readAllLines(smaps);
    } catch (IOException unreadable) {
      return 0;
    }
    long offered = 0;
    long address = 0;
    long bytes = 0;
    for (String line : lines) {
      Matcher mapping = MAPPING.matcher(line);
      Matcher anonymous = ANONYMOUS.matcher(line);
      if (mapping.matches()) {
        address = Long.parseUnsignedLong(mapping.group(1), 16);
        bytes = Long.parseUnsignedLong(mapping.group(2), 16) - address;
      } else if (anonymous.matches()) {
        if (bytes > 0 && anonymous.group(1).equals("0")) {
          advice.madvise(address, bytes, MADV_NOHUGEPAGE); // EINVAL: a kernel without huge pages
          offered += advice.madvise(address, bytes, MADV_DONTNEED) < 0 ? 0 : bytes;
        }
        bytes = 0;
      }
    }
    return offered;
  }
}
