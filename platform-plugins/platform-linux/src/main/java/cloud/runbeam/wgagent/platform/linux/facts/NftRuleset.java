package cloud.runbeam.wgagent.platform.linux.facts;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code nft list ruleset} printed, read for one question: where may a packet that leaves this
 * machine be dropped. Lines that are not understood are passed over.
 */
final class NftRuleset {
  private static final Pattern TABLE = Pattern.compile("^table (\\w+) (\\S+) \\{.*");
  private static final Pattern CHAIN = Pattern.compile("^\\s+chain (\\S+) \\{.*");
  private static final Pattern HOOK =
      Pattern.compile("type \\w+ hook (\\w+) .*?;(?: policy (\\w+);)?");
  private static final Pattern JUMP = Pattern.compile("\\b(?:jump|goto) ([^\\s}]+)");
  private static final Pattern LOSS = Pattern.compile("\\b(?:drop|reject)\\b");
  private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"");
  private static final Set<String> WAY_OUT = Set.of("output", "postrouting", "egress");

  /** Tables of this agent. */
  private static final Pattern OURS = Pattern.compile("wg[-_]agent.*");

  private static final int MAX_CHARACTERS = 160;
  private static final int MAX_PLACES = 10;

  private final Map<String, Chain> chains = new LinkedHashMap<>();
  private final Map<String, Chain> ours = new LinkedHashMap<>();

  private NftRuleset() {}

  static NftRuleset parse(String text) {
    NftRuleset ruleset = new NftRuleset();
    String table = "";
    boolean own = false;
    Chain chain = new Chain("", "");
    for (String line : text.split("\n", -1)) {
      Matcher tableLine = TABLE.matcher(line);
      Matcher chainLine = CHAIN.matcher(line);
      if (tableLine.matches()) {
        table = tableLine.group(1) + " " + tableLine.group(2);
        own = OURS.matcher(tableLine.group(2)).matches();
      } else if (chainLine.matches()) {
        chain = new Chain(table, chainLine.group(1));
        (own ? ruleset.ours : ruleset.chains).put(table + " " + chainLine.group(1), chain);
      } else {
        chain.read(line.strip());
      }
    }
    return ruleset;
  }

  /** Whether a table of this agent drops what leaves. */
  boolean killSwitch() {
    return ours.values().stream()
        .anyMatch(chain -> WAY_OUT.contains(chain.hook) && !chain.losses.isEmpty());
  }

  /** Places outside of this agent's tables, at most {@value #MAX_PLACES}. */
  List<String> dropping() {
    Set<String> places = new LinkedHashSet<>();
    List<Chain> open = new ArrayList<>();
    for (Chain chain : chains.values()) {
      if (WAY_OUT.contains(chain.hook)) {
        open.add(chain);
      }
    }
    Set<Chain> seen = new LinkedHashSet<>(open);
    while (!open.isEmpty()) {
      Chain chain = open.removeFirst();
      places.addAll(chain.losses);
      for (String name : chain.jumps) {
        Chain next = chains.get(chain.table + " " + name);
        if (next != null && seen.add(next)) {
          open.add(next);
        }
      }
    }
    return places.stream().limit(MAX_PLACES).toList();
  }

  /** One chain. */
  private static final class Chain {
    private final String table;
    private final String name;
    private final List<String> losses = new ArrayList<>();
    private final List<String> jumps = new ArrayList<>();
    private String hook = "";

    Chain(String table, String name) {
      this.table = table;
      this.name = name;
    }

    void read(String line) {
      Matcher base = HOOK.matcher(line);
      if (base.find()) {
        hook = base.group(1);
        if ("drop".equals(base.group(2))) {
          losses.add(table + " " + name + ": policy drop");
        }
        return;
      }
      // Comments and interface names may say anything.
      String rule = QUOTED.matcher(line).replaceAll("\"\"");
      if (LOSS.matcher(rule).find()) {
        String shown = line.length() > MAX_CHARACTERS ? line.substring(0, MAX_CHARACTERS) : line;
        losses.add(table + " " + name + ": " + shown.replaceAll("[^\\x20-\\x7E]", "?"));
      }
      Matcher jump = JUMP.matcher(rule);
      while (jump.find()) {
        jumps.add(jump.group(1));
      }
    }
  }
}
