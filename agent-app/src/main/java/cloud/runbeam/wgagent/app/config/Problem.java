package cloud.runbeam.wgagent.app.config;

/**
 * One thing that is wrong with the configuration. No member ever holds a secret.
 *
 * @param file the file, as the user named it
 * @param position where in the file
 * @param key full path of the key, e.g. {@code network.default.peers[0].public_key}; empty where no
 *     key is concerned
 * @param reason the kind
 * @param what what is wrong, the offending text included
 * @param advice what to do
 */
public record Problem(
    String file, Position position, String key, ProblemReason reason, String what, String advice) {

  /**
   * One line, in the form compilers use: {@code FILE:LINE:COLUMN: KEY: what is wrong: what to do}.
   */
  @Override
  public String toString() {
    StringBuilder line = new StringBuilder(file);
    if (position.line() > 0) {
      line.append(':').append(position.line()).append(':').append(position.column());
    }
    line.append(": ");
    if (!key.isEmpty()) {
      line.append(key).append(": ");
    }
    return line.append(what).append(": ").append(advice).toString();
  }
}
