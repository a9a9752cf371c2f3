package cloud.runbeam.wgagent.platform.linux.dns;

import cloud.runbeam.wgagent.platform.api.DnsRequest;
import cloud.runbeam.wgagent.platform.api.DnsUndo;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.netlink.Link;
import cloud.runbeam.wgagent.platform.linux.netlink.NetlinkException;
import cloud.runbeam.wgagent.platform.linux.netlink.NetlinkSocket;
import cloud.runbeam.wgagent.platform.linux.tool.SystemTools;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * systemd-resolved, told through {@code resolvectl}: servers and domains of the tunnel's link,
 * which go with the link. Three calls of some 10 ms each; a D-Bus library of ours would cost more
 * to load than all of them (docs/dns.md).
 *
 * <p>A domain without {@code ~} is both searched and routed to the link, {@code ~.} routes all
 * names to it, and the default route says whether names that no link claims go there too
 * (systemd-resolved.service(8), "Protocols and routing").
 */
final class Resolved implements DnsMethod {
  private static final String TOOL = "resolvectl";
  private static final String INDEX = "index";
  private static final Pattern NSS = Pattern.compile("(?m)^hosts:[^#\\n]*\\sresolve\\b");
  private static final String ADVICE =
      "run as root or let this user change name servers (polkit actions"
          + " org.freedesktop.resolve1.set-dns-servers, set-domains, set-default-route and"
          + " revert), see docs/dns.md; look with: resolvectl status";

  private final DnsFiles files;
  private final SystemTools tools;

  Resolved(DnsFiles files, SystemTools tools) {
    this.files = files;
    this.tools = tools;
  }

  @Override
  public String name() {
    return "resolved";
  }

  @Override
  public boolean splitDns() {
    return !isUplinkMode() || hasNssModule();
  }

  @Override
  public Optional<String> obstacle() {
    if (!Files.isDirectory(files.at("/run/systemd/resolve"))) {
      return Optional.of("systemd-resolved does not run here");
    }
    DnsFiles.Daemon daemon = files.daemon("systemd-resolved");
    if (daemon != DnsFiles.Daemon.HERE) {
      return Optional.of(
          daemon == DnsFiles.Daemon.ABSENT
              ? "systemd-resolved does not run here"
              : "systemd-resolved runs in another network namespace");
    }
    if (tools.find(TOOL).isEmpty()) {
      return Optional.of("systemd-resolved runs, but resolvectl is not installed");
    }
    if (!isAsked()) {
      return Optional.of(
          "systemd-resolved runs, but /etc/resolv.conf does not lead to it (ln -sf"
              + " ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf)");
    }
    return Optional.empty();
  }

  /** Whether programs of this machine ask systemd-resolved at all. */
  private boolean isAsked() {
    Optional<String> target = files.resolvConfTarget();
    return target.filter(path -> path.startsWith("/run/systemd/resolve/")).isPresent()
        || target.filter(path -> path.endsWith("/lib/systemd/resolv.conf")).isPresent()
        || DnsFiles.servers(files.resolvConfText()).stream()
            .anyMatch(server -> server.equals("127.0.0.53") || server.equals("127.0.0.54"))
        || hasNssModule();
  }

  /** Programs read the servers of all links from a file and ask them without telling them apart. */
  private boolean isUplinkMode() {
    return files.resolvConfTarget().filter("/run/systemd/resolve/resolv.conf"::equals).isPresent();
  }

  private boolean hasNssModule() {
    return NSS.matcher(files.text("/etc/nsswitch.conf")).find();
  }

  @Override
  public UndoText prepare(DnsRequest request) throws PlatformException {
    OptionalInt index = index(request.interfaceName(), attempt(request.interfaceName()));
    return UndoText.of(name(), request.interfaceName())
        .with(INDEX, Integer.toString(index.orElse(0)));
  }

  @Override
  public List<String> apply(DnsRequest request, UndoText undo) throws PlatformException {
    String attempt = attempt(request.interfaceName());
    OptionalInt found = index(request.interfaceName(), attempt);
    if (found.isEmpty()) {
      throw new PlatformException(
          attempt, "there is no such interface", "make the interface before its name servers");
    }
    // By number: resolvectl takes a name of digits for one.
    String index = Integer.toString(found.getAsInt());
    run(attempt, command("dns", index, request.servers()));
    run(
        attempt,
        command("domain", index, request.isSplit() ? request.searchDomains() : List.of("~.")));
    run(attempt, command("default-route", index, List.of(request.isSplit() ? "no" : "yes")));
    if (request.isSplit() && !splitDns()) {
      return List.of(
          "split DNS has no effect: /etc/resolv.conf leads around systemd-resolved to its servers;"
              + " link it to ../run/systemd/resolve/stub-resolv.conf");
    }
    return List.of();
  }

  @Override
  public DnsUndo revert(UndoText undo) throws PlatformException {
    String name = undo.interfaceName();
    String attempt = "cannot take back the name servers of " + name;
    OptionalInt index = index(name, attempt);
    boolean sameLink =
        index.isPresent() && Integer.toString(index.getAsInt()).equals(undo.get(INDEX));
    if (!sameLink || files.daemon("systemd-resolved") != DnsFiles.Daemon.HERE) {
      // The settings are in systemd-resolved's memory and end with the link.
      return DnsUndo.NOTHING_LEFT;
    }
    run(attempt, command("revert", undo.get(INDEX), List.of()));
    return DnsUndo.REVERTED;
  }

  private void run(String attempt, List<String> arguments) throws PlatformException {
    try {
      tools.run("", TOOL, arguments);
    } catch (IOException failure) {
      throw new PlatformException(attempt, String.valueOf(failure.getMessage()), ADVICE);
    }
  }

  private static List<String> command(String verb, String index, List<String> values) {
    List<String> arguments = new ArrayList<>(List.of(verb, index));
    arguments.addAll(values);
    return arguments;
  }

  private static OptionalInt index(String interfaceName, String attempt) throws PlatformException {
    try (NetlinkSocket socket = NetlinkSocket.open()) {
      return OptionalInt.of(Link.byName(socket, interfaceName).index());
    } catch (NetlinkException refusal) {
      if (refusal.errno() == Errno.ENODEV) {
        return OptionalInt.empty();
      }
      throw new PlatformException(
          attempt, String.valueOf(refusal.getMessage()), "look with: ip link show");
    }
  }

  private static String attempt(String interfaceName) {
    return "cannot set the name servers of " + interfaceName + " in systemd-resolved";
  }
}
