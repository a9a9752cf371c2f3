package cloud.runbeam.wgagent.engine.live;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a secret may look like in memory: its halves as bytes, as words in the other byte order (a
 * heap dump has them so), as hexadecimal and base64 text. The first and last byte are left out,
 * because clamping changes them.
 */
final class SecretPatterns {
  /** The longest pattern in bytes. */
  static final int LONGEST = 64;

  private static final int WORD_BYTES = 16;

  /** Told of a pattern found. */
  interface Found {
    void at(int offset, String what);
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Pattern(String what, byte[] bytes) {}

  /** Patterns by their first eight bytes. */
  private final Map<Long, List<Pattern>> patterns = new HashMap<>();

  /** Which first two bytes occur: most of memory is passed by one look here. */
  private final boolean[] starts = new boolean[1 << 16];

  SecretPatterns(Set<String> invertedHex) {
    for (String hex : invertedHex) {
      byte[] secret = HexFormat.of().parseHex(hex);
      for (int i = 0; i < secret.length; i++) {
        secret[i] = (byte) ~secret[i];
      }
      String name = "secret ~" + hex.substring(0, 16);
      add(name + ", first half", Arrays.copyOfRange(secret, 1, 17));
      add(name + ", second half", Arrays.copyOfRange(secret, 15, 31));
      add(name + ", as ints", swapped(secret, 8, Integer.BYTES));
      add(name + ", as longs", swapped(secret, 8, Long.BYTES));
      String text = HexFormat.of().formatHex(secret);
      add(name + ", hexadecimal", ascii(text.substring(2, 34)));
      add(name + ", hexadecimal", ascii(text.substring(30, 62)));
      String base64 = Base64.getEncoder().encodeToString(secret);
      add(name + ", base64", ascii(base64.substring(4, 20)));
      add(name + ", base64", ascii(base64.substring(20, 40)));
    }
  }

  private void add(String what, byte[] bytes) {
    patterns
        .computeIfAbsent(word(bytes, 0), start -> new ArrayList<>())
        .add(new Pattern(what, bytes));
    starts[start(bytes, 0)] = true;
  }

  /** Tells of everything found in the first {@code length} bytes. */
  void search(byte[] memory, int length, Found found) {
    for (int i = 0; i <= length - WORD_BYTES; i++) {
      if (!starts[start(memory, i)]) {
        continue;
      }
      List<Pattern> candidates = patterns.get(word(memory, i));
      if (candidates == null) {
        continue;
      }
      for (Pattern pattern : candidates) {
        int end = i + pattern.bytes.length;
        if (end <= length && Arrays.equals(memory, i, end, pattern.bytes, 0, end - i)) {
          found.at(i, pattern.what);
        }
      }
    }
  }

  /** What is found in a file. */
  List<String> searchFile(Path file) throws IOException {
    List<String> matches = new ArrayList<>();
    byte[] window = new byte[1 << 20];
    int kept = 0;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      for (int read = in.readNBytes(window, kept, window.length - kept);
          read > 0;
          read = in.readNBytes(window, kept, window.length - kept)) {
        int length = kept + read;
        search(window, length, (offset, what) -> matches.add(what));
        kept = Math.min(LONGEST, length);
        System.arraycopy(window, length - kept, window, 0, kept);
      }
    }
    return matches;
  }

  private static byte[] swapped(byte[] secret, int from, int wordBytes) {
    byte[] swapped = new byte[WORD_BYTES];
    for (int i = 0; i < WORD_BYTES; i++) {
      swapped[i] = secret[from + (i / wordBytes) * wordBytes + wordBytes - 1 - i % wordBytes];
    }
    return swapped;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static int start(byte[] bytes, int offset) {
    return (bytes[offset] & 0xFF) << 8 | (bytes[offset + 1] & 0xFF);
  }

  private static long word(byte[] bytes, int offset) {
    long word = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      word = word << 8 | (bytes[offset + i] & 0xFF);
    }
    return word;
  }
}
