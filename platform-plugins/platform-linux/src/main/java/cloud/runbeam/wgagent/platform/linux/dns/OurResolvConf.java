package cloud.runbeam.wgagent.platform.linux.dns;

import cloud.runbeam.wgagent.platform.linux.dns.FileReplacement.Owner;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A {@code resolv.conf} of ours. It carries in its comments what it was made of: the file it
 * replaced and what each network wants, so that networks come and go in any order, agents may die,
 * and no other file is needed to put the old one back. Its last comment is a checksum of all the
 * rest: if that is not right, somebody else has edited the file, and it is not ours any more.
 *
 * <pre>
 *   # wg-agent wrote this file ...
 *   # wg-agent-original file 644 0 0           or: link, absent
 *   # wg-agent-data  bmFtZXNlcnZlciAx...       base64, 60 characters a line
 *   # wg-agent-network wg0 10.0.0.53 corp.example,example.org
 *   nameserver 10.0.0.53
 *   # wg-agent-sum 51c2...
 * </pre>
 *
 * @param original what stood there before
 * @param networks what each interface wants; the last one comes first in the file
 */
record OurResolvConf(Original original, Map<String, Wish> networks) {
  private static final String HEADER =
      """
      # wg-agent wrote this file and puts the old one back when its networks are down.
      # If you edit it, wg-agent leaves it to you; the old one is in wg-agent-data (base64).
      """;
  private static final String ORIGINAL = "# wg-agent-original ";
  private static final String DATA = "# wg-agent-data ";
  private static final String NETWORK = "# wg-agent-network ";
  private static final String SUM = "# wg-agent-sum ";
  private static final int DATA_CHARACTERS = 60;

  /** {@code MAXNS} of resolv.h: the C library asks no more servers than this. */
  static final int MAX_SERVERS = 3;

  /** Keeps the order. */
  OurResolvConf {
    networks = new LinkedHashMap<>(networks);
  }

  /** The same with that interface's wish as the last. */
  OurResolvConf with(String interfaceName, Wish wish) {
    Map<String, Wish> more = new LinkedHashMap<>(networks);
    more.remove(interfaceName);
    more.put(interfaceName, wish);
    return new OurResolvConf(original, more);
  }

  /** The same without that interface. */
  OurResolvConf without(String interfaceName) {
    Map<String, Wish> fewer = new LinkedHashMap<>(networks);
    fewer.remove(interfaceName);
    return new OurResolvConf(original, fewer);
  }

  /** Whether a file is one of ours, untouched or not. */
  static boolean hasHeader(String text) {
    return text.startsWith(HEADER);
  }

  /** Reads a file of ours; null if it is none, or was touched. */
  static @Nullable OurResolvConf parse(String text) {
    int sumAt = text.lastIndexOf(SUM);
    if (!hasHeader(text) || sumAt < 0) {
      return null;
    }
    if (!text.substring(sumAt).equals(SUM + sum(text.substring(0, sumAt)) + "\n")) {
      return null;
    }
    String kind = "";
    StringBuilder data = new StringBuilder();
    Map<String, Wish> networks = new LinkedHashMap<>();
    for (String line : text.split("\n", -1)) {
      if (line.startsWith(ORIGINAL)) {
        kind = line.substring(ORIGINAL.length());
      } else if (line.startsWith(DATA)) {
        data.append(line.substring(DATA.length()));
      } else if (line.startsWith(NETWORK)) {
        String[] words = line.substring(NETWORK.length()).split(" ", -1);
        if (words.length != 3) {
          return null;
        }
        networks.put(words[0], new Wish(commas(words[1]), commas(words[2])));
      }
    }
    try {
      return new OurResolvConf(
          Original.of(kind, Base64.getDecoder().decode(data.toString())), networks);
    } catch (IllegalArgumentException torn) {
      return null;
    }
  }

  private static List<String> commas(String word) {
    return word.isEmpty() ? List.of() : Arrays.asList(word.split(","));
  }

  /** The file's text, ASCII but for what the original had. */
  String render() {
    StringBuilder text = new StringBuilder(HEADER).append(ORIGINAL).append(original.kind());
    text.append('\n');
    String data = Base64.getEncoder().encodeToString(original.bytes());
    for (int at = 0; at < data.length(); at += DATA_CHARACTERS) {
      text.append(DATA)
          .append(data, at, Math.min(at + DATA_CHARACTERS, data.length()))
          .append('\n');
    }
    networks.forEach((name, wish) ->
        text.append(NETWORK)
            .append(name)
            .append(' ')
            .append(String.join(",", wish.servers()))
            .append(' ')
            .append(String.join(",", wish.domains()))
            .append('\n'));
    appendDomains(text);
    servers().forEach(server -> text.append("nameserver ").append(server).append('\n'));
    lines("options").forEach(line -> text.append(line).append('\n'));
    return text + SUM + sum(text.toString()) + "\n";
  }

  private void appendDomains(StringBuilder text) {
    Set<String> domains = new LinkedHashSet<>();
    latestFirst().forEach(wish -> domains.addAll(wish.domains()));
    if (isSplit()) {
      for (String line : lines("search")) {
        List<String> words = List.of(line.split("\\s+", -1));
        domains.addAll(words.subList(1, words.size()));
      }
    }
    if (!domains.isEmpty()) {
      text.append("search ").append(String.join(" ", domains)).append('\n');
    }
  }

  /** Ours first; the old ones behind them unless a network wants all names for itself. */
  List<String> servers() {
    Set<String> servers = new LinkedHashSet<>();
    latestFirst().forEach(wish -> servers.addAll(wish.servers()));
    if (isSplit()) {
      servers.addAll(DnsFiles.servers(original.text()));
    }
    return List.copyOf(servers);
  }

  private boolean isSplit() {
    return networks.values().stream().noneMatch(wish -> wish.domains().isEmpty());
  }

  private List<Wish> latestFirst() {
    return List.copyOf(networks.values()).reversed();
  }

  /** The original's lines that begin with that word. */
  private List<String> lines(String keyword) {
    List<String> found = new ArrayList<>();
    for (String line : original.text().split("\n", -1)) {
      if (line.strip().split("\\s+", -1)[0].equals(keyword)) {
        found.add(line.strip());
      }
    }
    return found;
  }

  static String sum(String text) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every JDK has SHA-256", missing);
    }
  }

  /**
   * What a network wants.
   *
   * @param servers addresses
   * @param domains search domains; none: all names
   */
  record Wish(List<String> servers, List<String> domains) {}

  /**
   * What stood there before us.
   *
   * @param form what it was
   * @param owner of a file
   * @param content of a file; of a link its target; empty for an absent one
   */
  record Original(Form form, Owner owner, String content) {
    /** Forms that can be put back. */
    enum Form {
      FILE,
      LINK,
      ABSENT
    }

    /** No file was there. */
    static final Original NOTHING = new Original(Form.ABSENT, FileReplacement.PUBLIC, "");

    byte[] bytes() {
      return content.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** What resolvers read; nothing of a link, whose target may be gone. */
    String text() {
      return form == Form.FILE ? content : "";
    }

    String kind() {
      return switch (form) {
        case FILE ->
            "file " + Integer.toOctalString(owner.mode()) + " " + owner.uid() + " " + owner.gid();
        case LINK -> "link";
        case ABSENT -> "absent";
      };
    }

    static Original of(String kind, byte[] bytes) {
      String content = new String(bytes, StandardCharsets.ISO_8859_1);
      String[] words = kind.split(" ", -1);
      return switch (words[0]) {
        case "link" -> new Original(Form.LINK, FileReplacement.PUBLIC, content);
        case "absent" -> NOTHING;
        case "file" -> {
          if (words.length != 4) {
            throw new IllegalArgumentException("not an original");
          }
          Owner owner =
              new Owner(
                  Integer.parseInt(words[1], 8),
                  Integer.parseInt(words[2]),
                  Integer.parseInt(words[3]));
          yield new Original(Form.FILE, owner, content);
        }
        default -> throw new IllegalArgumentException("not an original");
      };
    }
  }
}
