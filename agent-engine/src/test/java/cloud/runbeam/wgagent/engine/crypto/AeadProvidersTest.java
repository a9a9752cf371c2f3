package cloud.runbeam.wgagent.engine.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AeadProvidersTest {
  @Test
  void choosesTheIntrinsicsWhereTheirPackagesAreOpen() {
    assertThat(AeadProviders.fallbackReason()).isEmpty();
    assertThat(AeadProviders.best().name()).isEqualTo("intrinsics");
    assertThat(AeadProviders.best().newAead()).isInstanceOf(IntrinsicAead.class);
  }

  @Test
  void fallsBackToJceAndSaysWhyWhereTheyAreNot() throws IOException, InterruptedException {
    String closed = runProbe();
    assertThat(closed)
        .startsWith("jce ")
        .contains("com.sun.crypto.provider")
        .contains("does not open");
    String halfOpen = runProbe("--add-opens=java.base/com.sun.crypto.provider=ALL-UNNAMED");
    assertThat(halfOpen).startsWith("jce ").contains("sun.security.util.math");
  }

  @Test
  void refusesAProviderThatSealsWrongly() {
    assertThat(AeadSelfTest.failure(spoiling(1_420, true)))
        .isEqualTo("spoiled disagrees with RFC 8439 at 1420 bytes");
    assertThat(AeadSelfTest.failure(spoiling(0, true))).isNotNull();
  }

  @Test
  void refusesAProviderThatOpensWrongly() {
    assertThat(AeadSelfTest.failure(spoiling(64, false)))
        .isEqualTo("spoiled disagrees with RFC 8439 at 64 bytes");
    assertThat(AeadSelfTest.failure(spoiling(-1, false))).isNull();
  }

  @Test
  void refusesAProviderThatCannotBeMade() {
    AeadProvider missing =
        new AeadProvider() {
          @Override
          public Aead newAead() {
            throw new IllegalStateException("this JDK has none");
          }

          @Override
          public String name() {
            return "missing";
          }
        };
    assertThat(AeadSelfTest.failure(missing)).isEqualTo("this JDK has none");
  }

  /** What a JVM of its own with these options says about its choice. */
  private static String runProbe(String... options) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder();
    builder.command().add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    builder.command().addAll(java.util.List.of(options));
    builder
        .command()
        .addAll(
            java.util.List.of(
                "-cp", System.getProperty("java.class.path"), AeadChoiceProbe.class.getName()));
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }

  /** JCE, but wrong by a bit at one length. */
  private static AeadProvider spoiling(int length, boolean seal) {
    Aead genuine = JceAead.PROVIDER.newAead();
    Aead spoiled =
        new Aead() {
          @Override
          public void seal(
              SecretKey key,
              long counter,
              MemorySegment src,
              long srcOffset,
              int plaintextBytes,
              int paddingBytes,
              MemorySegment dst,
              long dstOffset) {
            genuine.seal(
                key, counter, src, srcOffset, plaintextBytes, paddingBytes, dst, dstOffset);
            if (seal && plaintextBytes == length) {
              flip(dst, dstOffset + plaintextBytes);
            }
          }

          @Override
          public int open(
              SecretKey key,
              long counter,
              MemorySegment src,
              long srcOffset,
              int ciphertextBytes,
              MemorySegment dst,
              long dstOffset) {
            int opened =
                genuine.open(key, counter, src, srcOffset, ciphertextBytes, dst, dstOffset);
            if (!seal && opened == length && opened > 0) {
              flip(dst, dstOffset);
            }
            return opened;
          }
        };
    return new AeadProvider() {
      @Override
      public Aead newAead() {
        return spoiled;
      }

      @Override
      public String name() {
        return "spoiled";
      }
    };
  }

  private static void flip(MemorySegment segment, long offset) {
    segment.set(
        ValueLayout.JAVA_BYTE, offset, (byte) (segment.get(ValueLayout.JAVA_BYTE, offset) ^ 1));
  }
}
