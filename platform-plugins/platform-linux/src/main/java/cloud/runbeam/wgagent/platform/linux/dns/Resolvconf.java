package cloud.runbeam.wgagent.platform.linux.dns;

import cloud.runbeam.wgagent.platform.api.DnsRequest;
import cloud.runbeam.wgagent.platform.api.DnsUndo;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.tool.SystemTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code resolvconf}, of openresolv or of Debian: it keeps one record per interface and makes
 * {@code /etc/resolv.conf} of them. Called as {@code wg-quick} calls it: metric 0, exclusive.
 */
final class Resolvconf implements DnsMethod {
  private static final String TOOL = "resolvconf";
  private static final String MARK = "# wg-agent";
  private static final String RECORD = "record";

  /** Debian's program orders records by name, so that a tunnel needs a name that sorts first. */
  private static final String INTERFACE_ORDER = "/etc/resolvconf/interface-order";

  private static final Pattern PREFIX = Pattern.compile("(?m)^([A-Za-z0-9-]+)\\*$");
  private static final String ADVICE =
      "run it by hand to see what is wrong, or leave out dns and dns_search";

  private final DnsFiles files;
  private final SystemTools tools;

  Resolvconf(DnsFiles files, SystemTools tools) {
    this.files = files;
    this.tools = tools;
  }

  @Override
  public String name() {
    return "resolvconf";
  }

  /** A local resolver can ask by domain; the C library cannot. */
  @Override
  public boolean splitDns() {
    List<String> servers = DnsFiles.servers(files.resolvConfText());
    return !isDebians()
        && !servers.isEmpty()
        && servers.stream().allMatch(server -> server.startsWith("127.") || server.equals("::1"));
  }

  @Override
  public Optional<String> obstacle() {
    Optional<Path> tool = tools.find(TOOL);
    if (tool.isEmpty()) {
      return Optional.of("resolvconf is not installed");
    }
    if (isSystemds(tool.get())) {
      return Optional.of("resolvconf is a part of systemd-resolved here");
    }
    return Optional.empty();
  }

  private static boolean isSystemds(Path tool) {
    try {
      return tool.toRealPath().getFileName().toString().equals("resolvectl");
    } catch (IOException unreadable) {
      return false;
    }
  }

  private boolean isDebians() {
    return Files.exists(files.at(INTERFACE_ORDER));
  }

  private String record(String interfaceName) {
    Matcher prefix = PREFIX.matcher(files.text(INTERFACE_ORDER));
    return prefix.find() ? prefix.group(1) + "." + interfaceName : interfaceName;
  }

  @Override
  public UndoText prepare(DnsRequest request) {
    return UndoText.of(name(), request.interfaceName())
        .with(RECORD, record(request.interfaceName()));
  }

  @Override
  public List<String> apply(DnsRequest request, UndoText undo) throws PlatformException {
    StringBuilder text = new StringBuilder(MARK).append('\n');
    request.servers().forEach(server -> text.append("nameserver ").append(server).append('\n'));
    if (request.isSplit()) {
      text.append("search ").append(String.join(" ", request.searchDomains())).append('\n');
    }
    boolean splits = splitDns();
    List<String> arguments = new ArrayList<>(List.of("-a", undo.get(RECORD), "-m", "0"));
    // Private: asked for their domains only. Exclusive: the servers of other records are not asked.
    arguments.add(request.isSplit() && splits ? "-p" : "-x");
    run("cannot set the name servers of " + request.interfaceName(), text.toString(), arguments);
    return request.isSplit() && !splits
        ? List.of(
            "split DNS is not possible with resolvconf and the C library's resolver: the tunnel's"
                + " servers are asked for all names; run a local resolver or systemd-resolved")
        : List.of();
  }

  @Override
  public DnsUndo revert(UndoText undo) throws PlatformException {
    String record = undo.get(RECORD);
    String attempt = "cannot take back the name servers of " + undo.interfaceName();
    if (tools.find(TOOL).isEmpty()) {
      return DnsUndo.NOTHING_LEFT;
    }
    String kept = kept(record, attempt);
    if (kept.isBlank()) {
      return DnsUndo.NOTHING_LEFT;
    }
    if (!kept.contains(MARK)) {
      return DnsUndo.NOT_OURS;
    }
    run(attempt, "", List.of("-d", record, "-f"));
    return DnsUndo.REVERTED;
  }

  /** The record as the program keeps it. Debian's cannot list and keeps plain files. */
  private String kept(String record, String attempt) throws PlatformException {
    if (isDebians()) {
      return files.text("/run/resolvconf/interface/" + record);
    }
    try {
      SystemTools.Result list = tools.start("", TOOL, List.of("-l", record));
      // It says "No resolv.conf for interface", with an error status.
      return list.status() == 0 ? list.output() : "";
    } catch (IOException failure) {
      throw new PlatformException(attempt, String.valueOf(failure.getMessage()), ADVICE);
    }
  }

  private void run(String attempt, String input, List<String> arguments) throws PlatformException {
    try {
      tools.run(input, TOOL, arguments);
    } catch (IOException failure) {
      throw new PlatformException(attempt, String.valueOf(failure.getMessage()), ADVICE);
    }
  }
}
