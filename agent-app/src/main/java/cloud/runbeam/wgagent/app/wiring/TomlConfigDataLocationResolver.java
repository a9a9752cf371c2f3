package cloud.runbeam.wgagent.app.wiring;

import java.util.List;
import org.springframework.boot.context.config.ConfigDataLocation;
import org.springframework.boot.context.config.ConfigDataLocationResolver;
import org.springframework.boot.context.config.ConfigDataLocationResolverContext;

/** Makes {@code wg-agent-toml:} a place that Spring reads configuration from. */
final class TomlConfigDataLocationResolver
    implements ConfigDataLocationResolver<TomlConfigDataResource> {
  /** What a location starts with. */
  static final String PREFIX = "wg-agent-toml:";

  @Override
  public boolean isResolvable(
      ConfigDataLocationResolverContext context, ConfigDataLocation location) {
    return location.hasPrefix(PREFIX);
  }

  @Override
  public List<TomlConfigDataResource> resolve(
      ConfigDataLocationResolverContext context, ConfigDataLocation location) {
    return List.of(new TomlConfigDataResource());
  }
}
