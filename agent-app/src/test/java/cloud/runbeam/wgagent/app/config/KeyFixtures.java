package cloud.runbeam.wgagent.app.config;

import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.MemoryGuard;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;

/** Keys of tests: made from a label, so that no real one is ever in the repository. */
public final class KeyFixtures {
  private KeyFixtures() {}

  /** 32 bytes that belong to {@code label}. */
  public static byte[] bytes(String label) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(label.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** The same in base64. */
  public static String base64(String label) {
    return Base64.getEncoder().encodeToString(bytes(label));
  }

  /** The public key in base64 that goes with the private key of {@code label}. */
  public static String publicKey(String label) {
    try (KeyArena arena = arena();
        SecretKey key = arena.copyOf(bytes(label))) {
      return key.publicKey().toBase64();
    }
  }

  /** An arena whose memory nobody protects. */
  public static KeyArena arena() {
    return new KeyArena(
        new MemoryGuard() {
          @Override
          public Optional<String> protect(MemorySegment memory) {
            return Optional.empty();
          }

          @Override
          public void release(MemorySegment memory) {}
        },
        4);
  }

  /** Writes {@code content} to a file with {@code permissions}, e.g. {@code rw-------}. */
  public static Path write(Path file, String content, String permissions) throws IOException {
    Files.writeString(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    return file;
  }
}
