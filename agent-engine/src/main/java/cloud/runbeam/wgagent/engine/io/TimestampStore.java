package cloud.runbeam.wgagent.engine.io;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/**
 * Remembers across restarts up to when handshake timestamps (TAI64N) may have been used, so that a
 * wall clock that went back does not make peers take our initiations for replays. Conductor thread
 * only.
 */
public interface TimestampStore {
  /** Remembers nothing: timestamps grow within one process only. */
  TimestampStore NONE =
      new TimestampStore() {
        @Override
        public Optional<Instant> reserved() {
          return Optional.empty();
        }

        @Override
        public void reserve(Instant upTo) {}
      };

  /** Up to when timestamps may have been used, if anything is known. */
  Optional<Instant> reserved();

  /**
   * Records that timestamps up to {@code upTo} may be used; returns when that is safe against a
   * crash of this process.
   *
   * @throws IOException if it cannot be recorded; what to do is in the message
   */
  void reserve(Instant upTo) throws IOException;
}
