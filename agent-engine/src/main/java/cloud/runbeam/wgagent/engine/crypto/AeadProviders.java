package cloud.runbeam.wgagent.engine.crypto;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Chooses how packets are sealed on this JVM, once: the intrinsics if they are in reach and agree
 * with the standard, otherwise JCE. Any thread.
 */
public final class AeadProviders {
  private static final Choice CHOICE = choose();

  private AeadProviders() {}

  /** The fastest provider that passed its self-test. */
  public static AeadProvider best() {
    return CHOICE.provider();
  }

  /** The JDK's documented interface: works everywhere, and is what others are measured against. */
  public static AeadProvider portable() {
    return JceAead.PROVIDER;
  }

  /**
   * Why {@link #best} is not the fastest there could be, in words fit for {@code version}; empty if
   * it is.
   */
  public static Optional<String> fallbackReason() {
    return Optional.ofNullable(CHOICE.fallbackReason());
  }

  private static Choice choose() {
    String reason = AeadSelfTest.failure(IntrinsicAead.PROVIDER);
    if (reason == null) {
      return new Choice(IntrinsicAead.PROVIDER, null);
    }
    String jceFailure = AeadSelfTest.failure(JceAead.PROVIDER);
    if (jceFailure != null) {
      throw new IllegalStateException(
          "no working ChaCha20-Poly1305 on this JVM: intrinsics: "
              + reason
              + "; JCE: "
              + jceFailure);
    }
    return new Choice(JceAead.PROVIDER, reason);
  }

  private record Choice(AeadProvider provider, @Nullable String fallbackReason) {}
}
