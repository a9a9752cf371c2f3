package cloud.runbeam.wgagent.platform.linux.privilege;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.platform.api.Posture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThreadRightsTest {
  @TempDir private Path tasks;

  @Test
  void tellsWhatAllThreadsHave() throws IOException {
    thread("1", "65534", "0000000000001000", "1", "2");
    thread("2", "65534", "0000000000001000", "1", "2");

    Posture posture = ThreadRights.posture(tasks);

    assertThat(posture)
        .hasToString("user 65534, CAP_NET_ADMIN, no new privileges, system call filter");
  }

  @Test
  void findsTheOneThreadThatHasMore() throws IOException {
    thread("1", "65534", "0000000000001000", "1", "2");
    thread("2", "0", "0000000000005000", "0", "0");

    assertThat(ThreadRights.posture(tasks))
        .hasToString("user 0 and 65534, CAP_IPC_LOCK CAP_NET_ADMIN");
  }

  @Test
  void saysAllForRoot() throws IOException {
    thread("1", "0", "000001ffffffffff", "0", "0");

    assertThat(ThreadRights.posture(tasks)).hasToString("user 0, all capabilities");
  }

  @Test
  void promisesNothingWhereNothingCanBeRead() {
    assertThat(ThreadRights.posture(tasks.resolve("none")))
        .hasToString("user unknown, no capabilities");
  }

  private void thread(String id, String user, String capabilities, String noNew, String seccomp)
      throws IOException {
    Files.createDirectory(tasks.resolve(id));
    Files.writeString(
        tasks.resolve(id).resolve("status"),
        "Name:\tjava\nUid:\t%1$s\t%1$s\t%1$s\t%1$s\nCapEff:\t%2$s\nNoNewPrivs:\t%3$s\nSeccomp:\t%4$s\n"
            .formatted(user, capabilities, noNew, seccomp));
  }
}
