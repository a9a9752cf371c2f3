package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.tunnel.Subscription;
import cloud.runbeam.wgagent.app.tunnel.Topic;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process with what it was started for ({@code up --ephemeral}): when the last tunnel is
 * taken down, or when the parent that holds the other end of standard input closes it or dies. A
 * standard input that is no pipe, as in a container, says nothing and is not listened to.
 */
final class Ephemeral {
  private static final Logger log = LoggerFactory.getLogger(Ephemeral.class);

  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int EVENTS = 64;

  // sys/stat.h
  private static final int TYPE_OF_FILE = 0xf000;
  private static final int PIPE = 0x1000;
  private static final int SOCKET = 0xc000;

  private final TunnelService tunnels;

  Ephemeral(TunnelService tunnels) {
    this.tunnels = tunnels;
  }

  /** Watches from now on, on threads of its own. */
  void watch() {
    Subscription states = tunnels.events().subscribe(Set.of(Topic.STATE), EVENTS);
    Thread.ofVirtual().name("ephemeral-tunnels").start(() -> awaitLastTunnel(states));
    if (isConnected(Path.of("/dev/stdin"))) {
      Thread.ofPlatform().daemon().name("ephemeral-parent").start(() -> awaitEnd(System.in));
    }
  }

  private void awaitLastTunnel(Subscription states) {
    boolean hadOne = false;
    try (states) {
      while (true) {
        boolean hasOne = tunnels.status().stream().anyMatch(network -> !network.state().mayStart());
        if (hadOne && !hasOne) {
          end("the last tunnel was taken down");
          return;
        }
        hadOne |= hasOne;
        states.take(PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void awaitEnd(InputStream input) {
    byte[] ignored = new byte[256];
    try {
      while (input.read(ignored) >= 0) {
        // The parent has nothing to say.
      }
    } catch (IOException closed) {
      log.debug("standard input: {}", closed.toString());
    }
    end("the parent closed standard input");
  }

  private static void end(String why) {
    log.info("ending: {}", why);
    // Not on this thread: what is closed may wait for it.
    Thread.ofPlatform().name("end").start(() -> System.exit(0));
  }

  /** Whether somebody else is at the other end. */
  static boolean isConnected(Path standardInput) {
    try {
      int type = (Integer) Files.getAttribute(standardInput, "unix:mode") & TYPE_OF_FILE;
      return type == PIPE || type == SOCKET;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException unknown) {
      // A system that cannot tell: a parent that starts us this way holds a pipe.
      return !Files.exists(Path.of("/dev"));
    }
  }
}
