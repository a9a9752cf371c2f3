package cloud.runbeam.wgagent.app.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the key that was probably meant. */
public final class KeySuggestion {
  private KeySuggestion() {}

  /**
   * The known key nearest to {@code unknown}, if one is near: at most a third of its letters
   * differ. Case, hyphens and missing underscores do not count, so that {@code listenPort} finds
   * {@code listen_port}.
   */
  public static Optional<String> nearest(String unknown, Collection<String> known) {
    String wanted = bare(unknown);
    String best = null;
    int bestDistance = Math.max(1, wanted.length() / 3) + 1;
    for (String candidate : known) {
      int distance = distance(wanted, bare(candidate));
      if (distance < bestDistance) {
        bestDistance = distance;
        best = candidate;
      }
    }
    return Optional.ofNullable(best);
  }

  private static String bare(String key) {
    String shortened = key.length() > 64 ? key.substring(0, 64) : key;
    return shortened.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
  }

  /** Edit distance with adjacent letters swapped counting once (optimal string alignment). */
  private static int distance(String left, String right) {
    int[][] rows = new int[left.length() + 1][right.length() + 1];
    for (int i = 0; i <= left.length(); i++) {
      for (int j = 0; j <= right.length(); j++) {
        if (i == 0 || j == 0) {
          rows[i][j] = i + j;
          continue;
        }
        int substitution = left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1;
        rows[i][j] =
            Math.min(
                Math.min(rows[i - 1][j], rows[i][j - 1]) + 1, rows[i - 1][j - 1] + substitution);
        if (i > 1
            && j > 1
            && left.charAt(i - 1) == right.charAt(j - 2)
            && left.charAt(i - 2) == right.charAt(j - 1)) {
          rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
        }
      }
    }
    return rows[left.length()][right.length()];
  }
}
