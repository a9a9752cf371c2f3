package cloud.runbeam.wgagent.app.wiring;

import org.springframework.boot.context.config.ConfigDataResource;

/** The configuration file that was read before Spring started. There is one. */
final class TomlConfigDataResource extends ConfigDataResource {
  @Override
  public boolean equals(Object other) {
    return other instanceof TomlConfigDataResource;
  }

  @Override
  public int hashCode() {
    return TomlConfigDataResource.class.hashCode();
  }

  @Override
  public String toString() {
    return "wg-agent configuration file";
  }
}
