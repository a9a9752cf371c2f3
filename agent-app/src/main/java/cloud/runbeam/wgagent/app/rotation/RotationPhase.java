package cloud.runbeam.wgagent.app.rotation;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What is asked of a rotation, and how far one has come.
 *
 * <pre>
 *              begin, now                 every peer moved, or time is up and one moved, or commit
 *   (no rotation) ───────▶ BEGIN | NOW ──────────────────────────────────────────────────────────▶ COMMIT
 *                              └── abort, or time is up and nobody moved ──▶ ABORT
 * </pre>
 */
public enum RotationPhase {
  /**
   * Both keys are answered for; the operator says when the old one goes, at the latest when time is
   * up.
   */
  BEGIN,
  /** As BEGIN, in one request: commits as soon as the peers have moved. */
  NOW,
  /** The new key is the only one. */
  COMMIT,
  /** The old key is the only one again. */
  ABORT;

  /** As in the control API: {@code begin}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The phase of that code. */
  public static Optional<RotationPhase> of(String code) {
    return Arrays.stream(values()).filter(phase -> phase.code().equals(code)).findFirst();
  }

  /** Whether both keys are answered for. */
  public boolean isOverlap() {
    return this == BEGIN || this == NOW;
  }
}
