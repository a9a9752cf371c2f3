package cloud.runbeam.wgagent.app.control.method;

import cloud.runbeam.wgagent.app.control.rpc.Caller;
import cloud.runbeam.wgagent.app.control.rpc.ControlMethod;
import cloud.runbeam.wgagent.app.control.rpc.ErrorType;
import cloud.runbeam.wgagent.app.control.rpc.Params;
import cloud.runbeam.wgagent.app.control.rpc.RequestException;
import cloud.runbeam.wgagent.app.control.rpc.Role;
import cloud.runbeam.wgagent.app.tunnel.NetworkStatus;
import cloud.runbeam.wgagent.app.tunnel.TunnelService;
import cloud.runbeam.wgagent.app.why.Explanation;
import cloud.runbeam.wgagent.app.why.Finding;
import cloud.runbeam.wgagent.app.why.Why;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** {@code why}: what becomes of a packet to an address, link by link. */
public final class WhyMethod implements ControlMethod {
  private final TunnelService tunnels;
  private final Why why;

  /** The method over these tunnels. */
  public WhyMethod(TunnelService tunnels, Why why) {
    this.tunnels = tunnels;
    this.why = why;
  }

  @Override
  public String name() {
    return "why";
  }

  @Override
  public Role role() {
    return Role.READER;
  }

  @Override
  public Object call(ObjectNode params, Caller caller) throws RequestException {
    Params.allowOnly(params, Set.of("network", "address"));
    IpPrefix address = address(Params.requiredText(params, "address"));
    Optional<String> name = Params.text(params, "network");
    Optional<NetworkStatus> wanted = Optional.empty();
    if (name.isPresent()) {
      wanted =
          Optional.of(
              tunnels
                  .status(name.get())
                  .orElseThrow(
                      () -> new RequestException(ErrorType.NETWORK_NOT_FOUND, name.get())));
    }
    try {
      return Report.of(why.explain(address, wanted, tunnels.status()));
    } catch (PlatformException refused) {
      throw new RequestException(ErrorType.PLATFORM_ERROR, String.valueOf(refused.getMessage()));
    }
  }

  private static IpPrefix address(String text) throws RequestException {
    try {
      if (text.indexOf('/') < 0) {
        return IpPrefix.parse(text);
      }
    } catch (IllegalArgumentException notAnAddress) {
      throw new RequestException(ErrorType.INVALID_PARAMS, "address: " + notAnAddress.getMessage());
    }
    throw new RequestException(
        ErrorType.INVALID_PARAMS, "address: give one address, without prefix length");
  }

  /**
   * The result.
   *
   * @param address the destination
   * @param network the network that carries it, or should
   * @param outcome {@code works, broken, unknown, outside}
   * @param summary in one sentence, with what to do
   * @param broken the first broken link
   * @param chain every link, in the packet's order
   */
  public record Report(
      String address,
      Optional<String> network,
      String outcome,
      String summary,
      Optional<String> broken,
      List<LinkReport> chain) {
    private static Report of(Explanation explanation) {
      return new Report(
          explanation.address(),
          explanation.network(),
          explanation.outcome().code(),
          explanation.summary(),
          explanation.broken().map(finding -> finding.link().code()),
          explanation.chain().stream().map(LinkReport::of).toList());
    }
  }

  /**
   * One link.
   *
   * @param link {@code rule, route, device, allowed_ips, session, endpoint_route, firewall, dns}
   * @param state {@code ok, broken, unknown}
   * @param fact what was found
   * @param advice what to do
   */
  public record LinkReport(String link, String state, String fact, Optional<String> advice) {
    private static LinkReport of(Finding finding) {
      return new LinkReport(
          finding.link().code(),
          finding.state().code(),
          finding.fact(),
          Optional.of(finding.advice()).filter(advice -> !advice.isEmpty()));
    }
  }
}
