package cloud.runbeam.wgagent.app.diagnostics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.RecordingState;

/** What the flight recorder holds, if a recording runs; it is not started for this. */
final class FlightRecording {
  private static final long MAX_BYTES = 16L << 20;

  private FlightRecording() {}

  /**
   * The recording so far, empty if none runs.
   *
   * @param directory for the file that the recorder insists on; removed again
   */
  static byte[] content(Path directory) throws IOException {
    if (!FlightRecorder.isInitialized()
        || FlightRecorder.getFlightRecorder().getRecordings().stream()
            .noneMatch(recording -> recording.getState() == RecordingState.RUNNING)) {
      return new byte[0];
    }
    Path file = Files.createTempFile(directory, "flight", ".jfr");
    try (Recording snapshot = FlightRecorder.getFlightRecorder().takeSnapshot()) {
      if (snapshot.getSize() == 0) {
        return new byte[0];
      }
      if (snapshot.getSize() > MAX_BYTES) {
        throw new IOException(
            "it is larger than 16 MiB; take it with jcmd "
                + ProcessHandle.current().pid()
                + " JFR.dump");
      }
      snapshot.dump(file);
      return Files.readAllBytes(file);
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
