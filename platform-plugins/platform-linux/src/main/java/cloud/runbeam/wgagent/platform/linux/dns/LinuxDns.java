package cloud.runbeam.wgagent.platform.linux.dns;

import cloud.runbeam.wgagent.platform.api.DnsBackend;
import cloud.runbeam.wgagent.platform.api.DnsRequest;
import cloud.runbeam.wgagent.platform.api.DnsSettings;
import cloud.runbeam.wgagent.platform.api.DnsUndo;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.tool.SystemTools;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whichever way of changing name servers fits this machine now, the best first: systemd-resolved,
 * NetworkManager where it writes the file, resolvconf, the file itself. Any thread.
 */
public final class LinuxDns implements DnsSettings {
  private static final String ADVICE =
      "make one of these possible, or leave out dns and dns_search and set the servers yourself";

  private final DnsFiles files;
  private final List<DnsMethod> methods;

  /** For this machine. Holds nothing open. */
  public LinuxDns() {
    this(DnsFiles.ofMachine(), new SystemTools());
  }

  LinuxDns(DnsFiles files, SystemTools tools) {
    this.files = files;
    this.methods =
        List.of(
            new Resolved(files, tools),
            new NetworkManagerConf(files, tools),
            new Resolvconf(files, tools),
            new ResolvConfFile(files));
  }

  @Override
  public DnsBackend backend() {
    Choice choice = choose();
    @Nullable DnsMethod method = choice.method();
    return method == null
        ? new DnsBackend("none", false, choice.passedOver())
        : new DnsBackend(method.name(), method.splitDns(), choice.passedOver());
  }

  @Override
  public String prepare(DnsRequest request) throws PlatformException {
    Choice choice = choose();
    @Nullable DnsMethod method = choice.method();
    if (method == null) {
      throw new PlatformException(
          "cannot set the name servers of " + request.interfaceName(),
          String.join("; ", choice.passedOver()),
          ADVICE);
    }
    return method.prepare(request).toString();
  }

  @Override
  public List<String> apply(DnsRequest request, String undo) throws PlatformException {
    UndoText parsed = parse(undo);
    if (!parsed.interfaceName().equals(request.interfaceName())) {
      throw new IllegalArgumentException("the undo text is that of another interface");
    }
    return method(parsed).apply(request, parsed);
  }

  @Override
  public DnsUndo revert(String undo) throws PlatformException {
    UndoText parsed = parse(undo);
    return method(parsed).revert(parsed);
  }

  @Override
  public List<String> currentServers() {
    // resolv.conf then holds nothing but resolved's own address.
    String upstream = files.text("/run/systemd/resolve/resolv.conf");
    @Nullable DnsMethod method = choose().method();
    boolean resolved = method instanceof Resolved && !upstream.isEmpty();
    return DnsFiles.servers(resolved ? upstream : files.resolvConfText());
  }

  private Choice choose() {
    List<String> passedOver = new ArrayList<>();
    for (DnsMethod method : methods) {
      Optional<String> obstacle = method.obstacle();
      if (obstacle.isEmpty()) {
        return new Choice(method, passedOver);
      }
      passedOver.add(method.name() + ": " + obstacle.get());
    }
    return new Choice(null, passedOver);
  }

  private DnsMethod method(UndoText undo) throws PlatformException {
    for (DnsMethod method : methods) {
      if (method.name().equals(undo.method())) {
        return method;
      }
    }
    throw notUnderstood("its method is not known");
  }

  private static UndoText parse(String undo) throws PlatformException {
    if (undo.length() > MAX_UNDO_BYTES) {
      throw notUnderstood("it is too long");
    }
    UndoText parsed;
    try {
      parsed = UndoText.parse(undo);
      // The name goes into commands and file names.
      var _ = new DnsRequest(parsed.interfaceName(), List.of("127.0.0.1"), List.of());
    } catch (IllegalArgumentException torn) {
      throw notUnderstood(String.valueOf(torn.getMessage()));
    }
    return parsed;
  }

  private static PlatformException notUnderstood(String reason) {
    return new PlatformException(
        "cannot use what the journal holds about name servers",
        reason,
        "look at the name servers yourself (resolvectl status, /etc/resolv.conf) and remove the"
            + " entry from the journal");
  }

  /**
   * What was chosen.
   *
   * @param method the first that nothing stands in the way of
   * @param passedOver why not those before it
   */
  private record Choice(@Nullable DnsMethod method, List<String> passedOver) {}
}
