package cloud.runbeam.wgagent.platform.linux.firewall;

import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.api.PolicyRouting;
import cloud.runbeam.wgagent.platform.linux.netlink.NetlinkRules;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Rules, the check of sources by mark, and the marking of replies. Any thread. */
public final class LinuxPolicyRouting implements PolicyRouting {
  /** Documentation/networking/ip-sysctl.rst. */
  private static final Path SRC_VALID_MARK = Path.of("/proc/sys/net/ipv4/conf/all/src_valid_mark");

  private final NetlinkRules rules = new NetlinkRules();
  private final ReplyGuard replies;
  private final Path srcValidMark;

  /** Holds nothing open. */
  public LinuxPolicyRouting() {
    this(new Nft(), SRC_VALID_MARK);
  }

  LinuxPolicyRouting(Nft nft, Path srcValidMark) {
    this.replies = new ReplyGuard(nft);
    this.srcValidMark = srcValidMark;
  }

  @Override
  public List<Rule> rules() throws PlatformException {
    return rules.rules();
  }

  @Override
  public void addRule(Rule rule) throws PlatformException {
    rules.add(rule);
  }

  @Override
  public void removeRule(Rule rule) throws PlatformException {
    rules.remove(rule);
  }

  @Override
  public boolean hasRoutes(int table) throws PlatformException {
    return rules.hasRoutes(table);
  }

  @Override
  public boolean isInUse(boolean ipv6, String exceptInterface) throws PlatformException {
    return rules.isInUse(ipv6, exceptInterface);
  }

  @Override
  public boolean checksSourcesByMark() throws PlatformException {
    try {
      return Files.readString(srcValidMark, StandardCharsets.US_ASCII).strip().equals("1");
    } catch (NoSuchFileException absent) {
      // A kernel without it has no check to satisfy.
      return true;
    } catch (IOException failed) {
      throw new PlatformException(
          "cannot read " + srcValidMark,
          String.valueOf(failed.getMessage()),
          "let this process read it; it matters only where rp_filter is 1");
    }
  }

  @Override
  public void setChecksSourcesByMark(boolean on) throws PlatformException {
    try {
      Files.writeString(
          srcValidMark, on ? "1\n" : "0\n", StandardCharsets.US_ASCII, StandardOpenOption.WRITE);
    } catch (IOException failed) {
      throw new PlatformException(
          "cannot set net.ipv4.conf.all.src_valid_mark to " + (on ? 1 : 0),
          String.valueOf(failed.getMessage()),
          "where rp_filter is 1, set it outside (sysctl -w, or docker run --sysctl"
              + " net.ipv4.conf.all.src_valid_mark=1); elsewhere nothing is lost");
    }
  }

  @Override
  public void guardReplies(String interfaceName, int mark, List<IpPrefix> addresses)
      throws PlatformException {
    replies.raise(interfaceName, mark, addresses);
  }

  @Override
  public void unguardReplies(String interfaceName) throws PlatformException {
    replies.lower(interfaceName);
  }
}
