package cloud.runbeam.wgagent.engine.testkit;

import cloud.runbeam.wgagent.engine.io.TimestampStore;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A state directory that outlives the device under test, in memory; it can be made to fail. */
public final class MemoryTimestampStore implements TimestampStore {
  private @Nullable Instant reserved;
  private @Nullable String failure;
  private int writes;

  @Override
  public Optional<Instant> reserved() {
    return Optional.ofNullable(reserved);
  }

  @Override
  public void reserve(Instant upTo) throws IOException {
    if (failure != null) {
      throw new IOException(failure);
    }
    reserved = upTo;
    writes++;
  }

  /** Lets writes fail with this message, or work again with null. */
  public void failWith(@Nullable String message) {
    failure = message;
  }

  /** How often something was written. */
  public int writes() {
    return writes;
  }
}
