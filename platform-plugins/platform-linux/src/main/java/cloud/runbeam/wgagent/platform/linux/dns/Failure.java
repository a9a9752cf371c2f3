package cloud.runbeam.wgagent.platform.linux.dns;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Words for what the file system refused. */
final class Failure {
  private Failure() {}

  /** {@code /etc/resolv.conf: Read-only file system}; never without a reason. */
  static String of(IOException failure) {
    @Nullable String message = failure.getMessage();
    if (failure instanceof FileSystemException refused && refused.getReason() == null) {
      return refused.getFile() + ": " + nameOf(refused);
    }
    return message == null ? nameOf(failure) : message;
  }

  private static String nameOf(IOException failure) {
    return failure
        .getClass()
        .getSimpleName()
        .replace("Exception", "")
        .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
        .toLowerCase(Locale.ROOT);
  }
}
