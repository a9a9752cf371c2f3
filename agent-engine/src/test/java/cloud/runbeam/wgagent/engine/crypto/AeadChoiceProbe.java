package cloud.runbeam.wgagent.engine.crypto;

/**
 * Prints which AEAD this JVM ends up with, and why; run by {@link AeadProvidersTest} with other
 * options than its own.
 */
final class AeadChoiceProbe {
  private AeadChoiceProbe() {}

  public static void main(String[] arguments) {
    System.out.println(
        AeadProviders.best().name() + " " + AeadProviders.fallbackReason().orElse("no fallback"));
  }
}
