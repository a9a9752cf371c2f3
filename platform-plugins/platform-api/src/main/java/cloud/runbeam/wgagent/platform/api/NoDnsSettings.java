package cloud.runbeam.wgagent.platform.api;

import java.util.List;

/** Refuses every change of the name servers. */
final class NoDnsSettings implements DnsSettings {
  private static final String REASON = "this platform has no way to change the name servers";
  private static final String ADVICE = "leave out dns and dns_search, and set the servers yourself";

  @Override
  public DnsBackend backend() {
    return new DnsBackend("none", false, List.of(REASON + ": " + ADVICE));
  }

  @Override
  public String prepare(DnsRequest request) throws PlatformException {
    throw refused(request);
  }

  @Override
  public List<String> apply(DnsRequest request, String undo) throws PlatformException {
    throw refused(request);
  }

  private static PlatformException refused(DnsRequest request) {
    return new PlatformException(
        "cannot set the name servers of " + request.interfaceName(), REASON, ADVICE);
  }

  @Override
  public DnsUndo revert(String undo) {
    return DnsUndo.NOTHING_LEFT;
  }

  @Override
  public List<String> currentServers() {
    return List.of();
  }
}
