package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.AgentSettings;
import cloud.runbeam.wgagent.app.uapi.UapiListener;
import cloud.runbeam.wgagent.platform.api.DropRequest;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.Privileges;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves this process with the rights that an agent needs, before anything is open.
 *
 * <pre>
 *   drop      root and [agent] user: places for that user, then start again as it with CAP_NET_ADMIN alone
 *   confine   whoever we are: without the system calls that no agent makes
 * </pre>
 */
final class RightsAtStart {
  private static final Logger log = LoggerFactory.getLogger(RightsAtStart.class);

  private static final String ROOT = "root";

  private final Privileges privileges;

  RightsAtStart(Privileges privileges) {
    this.privileges = privileges;
  }

  /**
   * Does not return where the program is started again.
   *
   * @param settings asked for as root only; empty where they cannot be read
   * @throws PlatformException if the configured user cannot be had; the process must end then
   */
  void drop(Supplier<Optional<AgentSettings>> settings) throws PlatformException {
    if (privileges.isRoot()) {
      Optional<AgentSettings> wanted = settings.get();
      Optional<String> user =
          wanted.flatMap(AgentSettings::user).filter(name -> !name.equals(ROOT));
      if (user.isPresent()) {
        privileges.drop(new DropRequest(user.get(), places(wanted.get())));
      }
    }
  }

  /** Gives up the system calls that no agent makes. */
  void confine() {
    try {
      privileges.confine();
    } catch (PlatformException lacking) {
      log.debug("{}", lacking.getMessage());
    }
  }

  private static List<Path> places(AgentSettings settings) {
    List<Path> places = new ArrayList<>();
    places.add(settings.stateDir());
    Optional.ofNullable(settings.control().socket().getParent()).ifPresent(places::add);
    places.add(UapiListener.DIRECTORY);
    return places;
  }
}
