package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.engine.DeviceException;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The inverses of the steps done so far. Guarded by its tunnel's lock. */
final class UndoStack {
  private static final Logger log = LoggerFactory.getLogger(UndoStack.class);

  private final Deque<Step> steps = new ArrayDeque<>();

  /** Remembers how to take back the step that was just done. */
  void push(String what, Inverse inverse) {
    steps.push(new Step(what, inverse));
  }

  /**
   * Takes everything back, the last step first. One that cannot be taken back is reported and keeps
   * none of the others.
   */
  void unwind() {
    while (!steps.isEmpty()) {
      Step step = steps.pop();
      try {
        step.inverse().undo();
      } catch (PlatformException | DeviceException failed) {
        log.warn("cannot undo \"{}\": {}", step.what(), failed.getMessage());
      }
    }
  }

  /** Takes one step back; must do no harm when the step's object is gone already. */
  @FunctionalInterface
  interface Inverse {
    void undo() throws PlatformException, DeviceException;
  }

  private record Step(String what, Inverse inverse) {}
}
