package cloud.runbeam.wgagent.app.wiring;

import cloud.runbeam.wgagent.app.config.AgentConfig;
import cloud.runbeam.wgagent.app.config.AgentConfig.AgentProperty;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.boot.context.config.ConfigData;
import org.springframework.boot.context.config.ConfigDataLoader;
import org.springframework.boot.context.config.ConfigDataLoaderContext;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.origin.OriginTrackedValue;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.boot.origin.TextResourceOrigin.Location;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;

/**
 * Gives Spring the {@code [agent]} table of the configuration file, each value with the line and
 * column it stands at. The file was read and checked before Spring started; it is not read again,
 * so that both see the same.
 */
final class TomlConfigDataLoader implements ConfigDataLoader<TomlConfigDataResource> {
  @Override
  public ConfigData load(ConfigDataLoaderContext context, TomlConfigDataResource resource) {
    AgentConfig config =
        Objects.requireNonNull(context.getBootstrapContext().get(AgentConfig.class));
    Resource file = new FileSystemResource(config.file());
    Map<String, Object> values = new LinkedHashMap<>();
    for (AgentProperty property : config.agentProperties()) {
      // Spring counts lines and columns from 0 and prints them from 1.
      Location location =
          new Location(property.position().line() - 1, property.position().column() - 1);
      values.put(
          property.name(),
          OriginTrackedValue.of(property.value(), new TextResourceOrigin(file, location)));
    }
    return new ConfigData(
        List.of(new OriginTrackedMapPropertySource(config.file().toString(), values, true)));
  }
}
