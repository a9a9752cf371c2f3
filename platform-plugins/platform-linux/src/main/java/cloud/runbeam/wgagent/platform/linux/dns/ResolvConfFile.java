package cloud.runbeam.wgagent.platform.linux.dns;

import cloud.runbeam.wgagent.platform.api.DnsRequest;
import cloud.runbeam.wgagent.platform.api.DnsUndo;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.dns.OurResolvConf.Original;
import cloud.runbeam.wgagent.platform.linux.dns.OurResolvConf.Wish;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The plain file {@code /etc/resolv.conf}, where nobody else rules it: the last resort, since
 * whatever writes the file next does not know of us. See {@link OurResolvConf} for what we write.
 *
 * <p>Several networks may share the file; changes of one process are made one at a time.
 */
final class ResolvConfFile implements DnsMethod {
  private static final String SUM = "original";

  /** A file as large as this is no resolv.conf. */
  private static final int MAX_ORIGINAL_BYTES = 16 * 1024;

  private static final String ADVICE =
      "make /etc/resolv.conf and its directory writable for wg-agent (root; no chattr +i; not a"
          + " read-only mount), use systemd-resolved or resolvconf, or leave out dns and"
          + " dns_search";
  private static final Object ONE_AT_A_TIME = new Object();

  private final DnsFiles files;

  ResolvConfFile(DnsFiles files) {
    this.files = files;
  }

  @Override
  public String name() {
    return "file";
  }

  @Override
  public boolean splitDns() {
    return false;
  }

  @Override
  public Optional<String> obstacle() {
    Path file = files.resolvConf();
    Path directory = files.at("/etc");
    if (Files.isWritable(directory)
        || (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.isWritable(file))) {
      return Optional.empty();
    }
    return Optional.of("neither /etc/resolv.conf nor its directory can be written: " + ADVICE);
  }

  @Override
  public UndoText prepare(DnsRequest request) throws PlatformException {
    synchronized (ONE_AT_A_TIME) {
      try {
        return UndoText.of(name(), request.interfaceName())
            .with(SUM, OurResolvConf.sum(read().content()));
      } catch (IOException failure) {
        throw new PlatformException("cannot read /etc/resolv.conf", Failure.of(failure), ADVICE);
      }
    }
  }

  @Override
  public List<String> apply(DnsRequest request, UndoText undo) throws PlatformException {
    synchronized (ONE_AT_A_TIME) {
      try {
        Original now = read();
        @Nullable OurResolvConf ours = OurResolvConf.parse(now.text());
        OurResolvConf base = ours != null ? ours : new OurResolvConf(now, Map.of());
        OurResolvConf next =
            base.with(
                request.interfaceName(), new Wish(request.servers(), request.searchDomains()));
        write(next);
        return remarks(request, next);
      } catch (IOException failure) {
        throw new PlatformException(
            "cannot write the name servers of " + request.interfaceName() + " to /etc/resolv.conf",
            Failure.of(failure),
            ADVICE);
      }
    }
  }

  private static List<String> remarks(DnsRequest request, OurResolvConf written) {
    List<String> remarks = new ArrayList<>();
    if (request.isSplit()) {
      remarks.add(
          "split DNS is not possible with a plain /etc/resolv.conf: the tunnel's servers are asked"
              + " first for all names; use systemd-resolved or a local resolver with resolvconf");
    }
    if (written.servers().size() > OurResolvConf.MAX_SERVERS) {
      remarks.add(
          "the C library asks only the first "
              + OurResolvConf.MAX_SERVERS
              + " of the "
              + written.servers().size()
              + " name servers in /etc/resolv.conf");
    }
    return remarks;
  }

  @Override
  public DnsUndo revert(UndoText undo) throws PlatformException {
    synchronized (ONE_AT_A_TIME) {
      try {
        Original now = read();
        @Nullable OurResolvConf ours = OurResolvConf.parse(now.text());
        if (ours == null) {
          boolean untouched = OurResolvConf.sum(now.content()).equals(undo.get(SUM));
          return untouched ? DnsUndo.NOTHING_LEFT : DnsUndo.NOT_OURS;
        }
        if (!ours.networks().containsKey(undo.interfaceName())) {
          return DnsUndo.NOTHING_LEFT;
        }
        OurResolvConf rest = ours.without(undo.interfaceName());
        if (rest.networks().isEmpty()) {
          restore(ours.original());
        } else {
          write(rest);
        }
        return DnsUndo.REVERTED;
      } catch (IOException failure) {
        throw new PlatformException(
            "cannot put the old /etc/resolv.conf back", Failure.of(failure), ADVICE);
      }
    }
  }

  private Original read() throws IOException {
    Path file = files.resolvConf();
    if (Files.isSymbolicLink(file)) {
      return new Original(
          Original.Form.LINK, FileReplacement.PUBLIC, Files.readSymbolicLink(file).toString());
    }
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return Original.NOTHING;
    }
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("/etc/resolv.conf is no regular file");
    }
    byte[] bytes = Files.readAllBytes(file);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    if (bytes.length > MAX_ORIGINAL_BYTES && !OurResolvConf.hasHeader(text)) {
      throw new IOException(
          "/etc/resolv.conf has more than " + MAX_ORIGINAL_BYTES + " bytes, which is too much");
    }
    return new Original(Original.Form.FILE, FileReplacement.Owner.of(file), text);
  }

  private void write(OurResolvConf content) throws IOException {
    FileReplacement.write(
        files.resolvConf(),
        content.render().getBytes(StandardCharsets.ISO_8859_1),
        content.original().owner());
  }

  private void restore(Original original) throws IOException {
    Path file = files.resolvConf();
    switch (original.form()) {
      case FILE -> FileReplacement.write(file, original.bytes(), original.owner());
      case LINK -> FileReplacement.link(file, file.getFileSystem().getPath(original.content()));
      case ABSENT -> Files.deleteIfExists(file);
    }
  }
}
