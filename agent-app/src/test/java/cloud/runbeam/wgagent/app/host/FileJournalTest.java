package cloud.runbeam.wgagent.app.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileJournalTest {
  private static final String EPOCH = "boot/net";

  private final Path directory;
  private final JournalStore store;

  FileJournalTest(@TempDir Path directory) {
    this.directory = directory;
    this.store = new FileJournalStore(directory, EPOCH);
  }

  private Path file() {
    return directory.resolve("journal/default.journal");
  }

  private ChangeJournal open() throws IOException {
    return store.open("default");
  }

  @Test
  void remembersWhatIsNotCrossedOff() throws IOException {
    ChangeJournal journal = open();
    List<Long> numbers = journal.intend(List.of("one", "two words", "three"));
    journal.settle(List.of(numbers.get(1)));

    assertThat(open().open().values()).containsExactly("one", "three");
    assertThat(open().sameEpoch()).isTrue();
    assertThat(store.networks()).containsExactly("default");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file().getParent())))
        .isEqualTo("rwx------");
  }

  @Test
  void isGoneWhenNothingIsLeftOver() throws IOException {
    ChangeJournal journal = open();
    journal.settle(journal.intend(List.of("one", "two")));
    assertThat(file()).doesNotExist();

    journal.intend(List.of("three"));
    assertThat(open().open().values()).containsExactly("three");
  }

  @Test
  void givesNoNumberTwice() throws IOException {
    ChangeJournal journal = open();
    List<Long> first = journal.intend(List.of("one", "two"));
    journal.settle(List.of(first.get(1)));

    assertThat(open().intend(List.of("three"))).doesNotContainAnyElementsOf(first);
  }

  @Test
  void readsEveryPrefixOfItself() throws IOException {
    ChangeJournal journal = open();
    journal.intend(List.of("one"));
    byte[] one = Files.readAllBytes(file());
    journal.intend(List.of("two"));
    byte[] whole = Files.readAllBytes(file());
    for (int length = one.length; length < whole.length; length++) {
      Files.write(file(), java.util.Arrays.copyOf(whole, length));

      ChangeJournal torn = open();
      assertThat(torn.open().values()).containsExactly("one");
      assertThat(torn.damage()).isEmpty();
      torn.intend(List.of("three"));
      assertThat(open().open().values()).containsExactly("one", "three");
    }
  }

  @Test
  void leavesOutDamagedLinesAndSaysSo() throws IOException {
    ChangeJournal journal = open();
    journal.intend(List.of("one", "two", "three"));
    String text = Files.readString(file());
    Files.writeString(file(), text.replace("two", "tow"));

    ChangeJournal damaged = open();

    assertThat(damaged.open().values()).containsExactly("one", "three");
    assertThat(damaged.damage()).singleElement().asString().contains("default.journal:3: damaged");
    damaged.settle(damaged.open().keySet());
    assertThat(file()).doesNotExist();
  }

  @Test
  void survivesAnyBytes() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    ChangeJournal journal = open();
    journal.settle(List.of(journal.intend(List.of("one", "two", "three")).getFirst()));
    byte[] whole = Files.readAllBytes(file());
    for (int round = 0; round < 500; round++) {
      byte[] bytes = whole.clone();
      for (int flips = random.nextInt(20); flips >= 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      Files.write(file(), bytes);
      assertThat(open().open().values()).as("seed %d", seed).isSubsetOf("one", "two", "three");
    }
  }

  @Test
  void survivesAFullDisk() throws IOException {
    int[] room = {Integer.MAX_VALUE};
    JournalStore small =
        new FileJournalStore(
            directory,
            EPOCH,
            (file, bytes) -> {
              int fitting = Math.min(bytes.length, room[0]);
              JournalDisk.REAL.append(file, java.util.Arrays.copyOf(bytes, fitting));
              if (fitting < bytes.length) {
                throw new IOException("No space left on device");
              }
            });
    ChangeJournal journal = small.open("default");
    journal.intend(List.of("one"));
    room[0] = 7;

    assertThatThrownBy(() -> journal.intend(List.of("two")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("default.journal")
        .hasMessageContaining("No space left on device");
    assertThat(journal.open().values()).containsExactly("one");

    room[0] = Integer.MAX_VALUE;
    journal.intend(List.of("three"));
    assertThat(open().open().values()).containsExactly("one", "three");
    room[0] = 0;
    journal.settle(journal.open().keySet());
    assertThat(file()).as("needs no room to go").doesNotExist();
  }

  @Test
  void tellsAnotherBootAndBelongsToThisOneOnceItIsWritten() throws IOException {
    open().intend(List.of("one"));
    JournalStore later = new FileJournalStore(directory, "boot2/net");

    ChangeJournal journal = later.open("default");

    assertThat(journal.sameEpoch()).isFalse();
    assertThat(journal.open().values()).containsExactly("one");
    journal.intend(List.of("two"));
    assertThat(later.open("default").sameEpoch()).isTrue();
    assertThat(later.open("default").open().values()).containsExactly("one", "two");
    assertThat(open().sameEpoch()).isFalse();
  }

  @Test
  void doesNotGrowForEver() throws IOException {
    ChangeJournal journal = open();
    journal.intend(List.of("stays"));
    for (int round = 0; round < 40; round++) {
      journal.settle(
          journal.intend(IntStream.range(0, 50).mapToObj(number -> "change " + number).toList()));
    }

    assertThat(Files.readAllLines(file())).hasSizeLessThan(1_500);
    assertThat(open().open().values()).containsExactly("stays");
  }

  @Test
  void followsNoSymbolicLink() throws IOException {
    Path victim = Files.writeString(directory.resolve("victim"), "precious\n");
    Files.createDirectories(file().getParent());
    Files.createSymbolicLink(file(), victim);

    assertThatThrownBy(this::open)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is no journal of ours");
    assertThat(Files.readString(victim, StandardCharsets.UTF_8)).isEqualTo("precious\n");
  }

  @Test
  void takesNoEntryThatWouldBreakALine() throws IOException {
    ChangeJournal journal = open();
    assertThatThrownBy(() -> journal.intend(List.of("one\n+ 99 two")))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
