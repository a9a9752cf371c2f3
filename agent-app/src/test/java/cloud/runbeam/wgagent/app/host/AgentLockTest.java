package cloud.runbeam.wgagent.app.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentLockTest {
  @TempDir private Path directory;

  @Test
  void isHeldByOneAgentAtATime() throws PlatformException {
    Path stateDir = directory.resolve("state");
    try (AgentLock _ = AgentLock.acquire(stateDir)) {
      assertThatThrownBy(() -> AgentLock.acquire(stateDir))
          .isInstanceOf(PlatformException.class)
          .hasMessageContaining("process " + ProcessHandle.current().pid())
          .hasMessageContaining(stateDir.toString());
    }
    AgentLock.acquire(stateDir).close();
    assertThat(stateDir.resolve("agent.lock")).exists();
  }

  @Test
  void saysThatTheDirectoryCannotBeUsed() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThatThrownBy(() -> AgentLock.acquire(file.resolve("state")))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("agent.state_dir");
  }

  @Test
  void followsNoSymbolicLink() throws IOException {
    Path victim = Files.writeString(directory.resolve("victim"), "precious");
    Files.createSymbolicLink(directory.resolve("agent.lock"), victim);
    assertThatThrownBy(() -> AgentLock.acquire(directory)).isInstanceOf(PlatformException.class);
    assertThat(victim).hasContent("precious");
  }
}
