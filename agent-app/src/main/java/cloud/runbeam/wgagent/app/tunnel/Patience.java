package cloud.runbeam.wgagent.app.tunnel;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for something that another thread brings about. */
@FunctionalInterface
public interface Patience {
  /**
   * Whether {@code condition} became true within {@code atMost}; asks it repeatedly on the calling
   * thread.
   */
  boolean await(BooleanSupplier condition, Duration atMost);
}
