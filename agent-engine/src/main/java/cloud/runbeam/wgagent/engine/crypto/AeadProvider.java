package cloud.runbeam.wgagent.engine.crypto;

/** A way to do {@link Aead}. Any thread. */
public interface AeadProvider {
  /** A new object for one thread. */
  Aead newAead();

  /** Short name for {@code version} and metrics, such as {@code jce}. */
  String name();
}
