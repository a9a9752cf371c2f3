package cloud.runbeam.wgagent.app.namespace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What docs/troubleshooting.md promises: for each fault and each place to look, what is said. */
final class FaultPage {
  private static final Path PAGE =
      Path.of(System.getProperty("wgagent.repository", "..")).resolve("docs/troubleshooting.md");
  private static final Pattern TABLE =
      Pattern.compile("<!-- fault: (\\S+) -->\n\\| where .*\n\\| --- .*\n((?:\\|.*\n)*)");
  private static final Pattern ROW = Pattern.compile("\\| (\\S+) \\| `(.*)` \\|");

  private FaultPage() {}

  /**
   * One row.
   *
   * @param where health, metrics, log, why, console, validate
   * @param says with {@code …} for anything; numbers stand for any number
   */
  record Promise(String where, String says) {
    /** Whether it is kept by {@code text}. */
    boolean isKeptBy(String text) {
      StringBuilder pattern = new StringBuilder();
      for (String part : shape(says).split("…", -1)) {
        pattern.append(pattern.isEmpty() ? "" : ".*?").append(Pattern.quote(part));
      }
      return Pattern.compile(pattern.toString()).matcher(shape(text)).find();
    }

    private static String shape(String text) {
      return text.replaceAll("\\s+", " ").replaceAll("[0-9]+(\\.[0-9]+)?", "0");
    }
  }

  /** The rows of a fault's table. */
  static List<Promise> promises(String fault) {
    try {
      Matcher table = TABLE.matcher(Files.readString(PAGE));
      while (table.find()) {
        if (table.group(1).equals(fault)) {
          List<Promise> promises = new ArrayList<>();
          for (String line : table.group(2).lines().toList()) {
            Matcher row = ROW.matcher(line);
            if (!row.matches()) {
              throw new AssertionError("not a row of the fault table: " + line);
            }
            promises.add(new Promise(row.group(1), row.group(2)));
          }
          return promises;
        }
      }
    } catch (IOException e) {
      throw new AssertionError("cannot read " + PAGE, e);
    }
    throw new AssertionError(PAGE + " has no table for " + fault);
  }
}
