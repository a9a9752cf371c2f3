package cloud.runbeam.wgagent.platform.api;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.util.List;

/** Has no rules and makes none. */
final class AbsentPolicyRouting implements PolicyRouting {
  private static PlatformException refused(String attempt) {
    return new PlatformException(
        attempt,
        "routing by rules is not available on this system",
        "leave 0.0.0.0/0 and ::/0 out of allowed_ips, or set routes = \"off\" and route yourself");
  }

  @Override
  public List<Rule> rules() {
    return List.of();
  }

  @Override
  public void addRule(Rule rule) throws PlatformException {
    throw refused("cannot add " + rule);
  }

  @Override
  public void removeRule(Rule rule) {
    // There is none.
  }

  @Override
  public boolean hasRoutes(int table) {
    return false;
  }

  @Override
  public boolean isInUse(boolean ipv6, String exceptInterface) {
    return true;
  }

  @Override
  public boolean checksSourcesByMark() {
    return true;
  }

  @Override
  public void setChecksSourcesByMark(boolean on) {
    // Sources are not checked by marks here.
  }

  @Override
  public void guardReplies(String interfaceName, int mark, List<IpPrefix> addresses)
      throws PlatformException {
    throw refused("cannot mark the answers to packets of " + interfaceName);
  }

  @Override
  public void unguardReplies(String interfaceName) {
    // Nothing was set.
  }
}
