package cloud.runbeam.wgagent.app.config;

/**
 * Something that the user should know but that keeps nothing from running. Logged as a warning at
 * start.
 *
 * @param file the file, as the user named it
 * @param position where in the file
 * @param key full path of the key
 * @param text what is meant, and what to do
 */
public record Notice(String file, Position position, String key, String text) {
  @Override
  public String toString() {
    return file + ":" + position.line() + ":" + position.column() + ": " + key + ": " + text;
  }
}
