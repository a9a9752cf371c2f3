package cloud.runbeam.wgagent.app.config;

/**
 * A place in the configuration file.
 *
 * @param line counted from 1; 0 where the whole file is meant
 * @param column counted from 1; 0 where the whole file is meant
 */
public record Position(int line, int column) {
  /** The file as a whole. */
  public static final Position WHOLE_FILE = new Position(0, 0);

  @Override
  public String toString() {
    return "line " + line + ", column " + column;
  }
}
