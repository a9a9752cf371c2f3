package cloud.runbeam.wgagent.app.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A configuration without problems.
 *
 * @param file where it was read from
 * @param agent the {@code [agent]} table after the environment had its say
 * @param agentProperties the {@code [agent]} table as it stands in the file, for Spring's
 *     environment
 * @param networks in the order of the file
 * @param notices what the user should know, in the order of the file
 */
public record AgentConfig(
    Path file,
    AgentSettings agent,
    List<AgentProperty> agentProperties,
    List<NetworkConfig> networks,
    List<Notice> notices) {

  /** Copies the lists. */
  public AgentConfig {
    agentProperties = List.copyOf(agentProperties);
    networks = List.copyOf(networks);
    notices = List.copyOf(notices);
  }

  /** The network of that name, if the file has it. */
  public Optional<NetworkConfig> network(String name) {
    return networks.stream().filter(network -> network.name().equals(name)).findFirst();
  }

  /**
   * One value of the {@code [agent]} table.
   *
   * @param name in Spring's canonical form: {@code wg.agent.control.admin-groups[0]}
   * @param value a {@link String} or {@link Integer}
   * @param position where it stands
   */
  public record AgentProperty(String name, Object value, Position position) {}
}
