package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.Params;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import cloud.runbeam.wgagent.engine.io.OffloadState;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** {@code version}: what is running. */
public final class VersionMethod implements ControlMethod {
  private final Version version;

  /** The method; its answer never changes. */
  public VersionMethod(Version version) {
    this.version = version;
  }

  @Override
  public String name() {
    return "version";
  }

  @Override
  public Role role() {
    return Role.READER;
  }

  @Override
  public Object call(ObjectNode params, Caller caller) throws RequestException {
    Params.allowOnly(params, Set.of());
    return version;
  }

  /**
   * The result.
   *
   * @param version of the agent
   * @param java version of the runtime
   * @param platform short name of the platform plugin
   * @param os name and version of the operating system
   * @param aead what encrypts the data
   * @param offloads what this machine would do for a device
   */
  public record Version(
      String version,
      String java,
      String platform,
      String os,
      String aead,
      List<OffloadState> offloads) {}
}
