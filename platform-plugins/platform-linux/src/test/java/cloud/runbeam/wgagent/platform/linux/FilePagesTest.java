package cloud.runbeam.wgagent.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilePagesTest {
  @TempDir private Path directory;

  private final List<String> advised = new ArrayList<>();

  @Test
  void offersOnlyFilesMappedToBeReadWithoutPagesOfTheirOwn() throws IOException {
    long offered =
        giveBack(
            """
            7f0000000000-7f0000010000 r-xp 00000000 fe:00 17   /usr/lib/libjvm.so
            Rss:                  64 kB
            Anonymous:             0 kB
            7f0000010000-7f0000011000 r--p 00010000 fe:00 17   /usr/lib/libjvm.so
            Anonymous:             4 kB
            7f0000011000-7f0000012000 rw-p 00011000 fe:00 17   /usr/lib/libjvm.so
            Anonymous:             0 kB
            7f0000020000-7f0000030000 r--p 00000000 00:00 0
            Anonymous:             0 kB
            7f0000040000-7f0000042000 r--s 00000000 fe:00 18   /usr/lib/a name.aot (deleted)
            Anonymous:             0 kB
            ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]
            Anonymous:             0 kB
            """);

    assertThat(advised)
        .containsExactly(
            "7f0000000000+65536 15",
            "7f0000000000+65536 4",
            "7f0000040000+8192 15",
            "7f0000040000+8192 4");
    assertThat(offered).isEqualTo(65_536 + 8_192);
  }

  @Test
  void takesFilePagesOutOfThisProcessWhichLivesOn() {
    assertThat(new FilePages().giveBack()).isGreaterThan(1 << 20);
    assertThat(Runtime.version().feature()).isPositive();
  }

  @Test
  void givesNothingBackWhereMappingsCannotBeRead() {
    assertThat(new FilePages(directory.resolve("none"), (_, _, _) -> 0).giveBack()).isZero();
  }

  private long giveBack(String smaps) throws IOException {
    Path file = directory.resolve("smaps");
    Files.writeString(file, smaps);
    return new FilePages(
            file,
            (address, bytes, advice) -> {
              advised.add(Long.toHexString(address) + "+" + bytes + " " + advice);
              return 0;
            })
        .giveBack();
  }
}
