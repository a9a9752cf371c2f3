package cloud.runbeam.wgagent.app.diagnostics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/**
 * One file of an archive.
 *
 * @param name as it stands in the archive
 * @param source makes its content, at most once for each archive
 */
public record Section(String name, Source source) {
  /** Makes content; bounded in time and size. */
  @FunctionalInterface
  public interface Source {
    /**
     * The content; empty leaves the file out.
     *
     * @throws IOException if it cannot be had, which the archive then says instead
     */
    byte[] content() throws IOException;
  }

  /** A section of text. */
  public static Section text(String name, Supplier<String> text) {
    return new Section(name, () -> text.get().getBytes(StandardCharsets.UTF_8));
  }
}
