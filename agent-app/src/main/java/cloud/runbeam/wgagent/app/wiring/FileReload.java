package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.tunnel.NetworkDiff;
import cloud.runbeam.wgagent.app.tunnel.ReloadResult;
import cloud.runbeam.wgagent.app.tunnel.Reloader;
import cloud.runbeam.wgagent.app.tunnel.TunnelException;
import cloud.runbeam.wgagent.platform.api.ServiceNotifier;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reload that SIGHUP and the service manager ask for: what comes of it is in the log and in the
 * service manager's status line. Any thread.
 */
final class FileReload {
  private static final Logger log = LoggerFactory.getLogger(FileReload.class);

  private final Reloader reloader;
  private final ServiceNotifier serviceManager;

  FileReload(Reloader reloader, ServiceNotifier serviceManager) {
    this.reloader = reloader;
    this.serviceManager = serviceManager;
  }

  void run() {
    serviceManager.reloading();
    String outcome = "reload failed; see the log";
    try {
      outcome = outcome(reloader.reload());
      log.info("{}", outcome);
    } catch (TunnelException refused) {
      log.error("the reload is incomplete: {}", refused.getMessage());
    } finally {
      serviceManager.ready(outcome);
    }
  }

  private static String outcome(ReloadResult result) {
    return switch (result) {
      case ReloadResult.Rejected rejected -> {
        rejected.problems().forEach(problem -> log.error("{}", problem));
        yield "the configuration has problems; nothing was changed";
      }
      case ReloadResult.Applied applied -> {
        applied.notices().forEach(notice -> log.warn("{}", notice));
        if (applied.agentChanged()) {
          log.warn("[agent] has changed: restart the agent for that");
        }
        yield "reloaded: " + summary(applied.networks());
      }
    };
  }

  private static String summary(List<NetworkDiff> diffs) {
    String changes =
        diffs.stream()
            .filter(diff -> !diff.isNothing())
            .map(diff -> diff.network() + " " + diff.summary())
            .collect(Collectors.joining(", "));
    return changes.isEmpty() ? "nothing has changed" : changes;
  }
}
