package cloud.runbeam.wgagent.platform.linux.facts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.Random;
import org.junit.jupiter.api.Test;

class NftRulesetTest {
  private static final String RULESET =
      """
      table inet filter {
      \tset bad {
      \t\ttype ipv4_addr
      \t}

      \tchain input {
      \t\ttype filter hook input priority filter; policy drop;
      \t\ttcp dport 22 accept
      \t}

      \tchain output {
      \t\ttype filter hook output priority filter; policy drop;
      \t\toifname "lo" accept comment "does not drop"
      \t\tip daddr @bad counter packets 0 bytes 0 reject
      \t\tjump extra
      \t}

      \tchain extra {
      \t\tudp dport 51820 drop
      \t}

      \tchain unused {
      \t\tdrop
      \t}
      }
      table inet wg_agent_4711 {
      \tchain output {
      \t\ttype filter hook output priority filter; policy accept;
      \t\toifname "wg0" accept
      \t\treject with icmpx admin-prohibited
      \t}
      }
      """;

  @Test
  void findsWhereLeavingPacketsMayEnd() {
    NftRuleset ruleset = NftRuleset.parse(RULESET);
    assertThat(ruleset.dropping())
        .containsExactly(
            "inet filter output: policy drop",
            "inet filter output: ip daddr @bad counter packets 0 bytes 0 reject",
            "inet filter extra: udp dport 51820 drop");
    assertThat(ruleset.killSwitch()).isTrue();
  }

  @Test
  void takesOurOwnOtherTablesForNoKillSwitch() {
    NftRuleset ruleset =
        NftRuleset.parse(
            """
            table inet wg_agent_replies_wg0 {
            \tchain premangle {
            \t\ttype filter hook prerouting priority mangle; policy accept;
            \t}
            }
            """);
    assertThat(ruleset.killSwitch()).isFalse();
    assertThat(ruleset.dropping()).isEmpty();
  }

  @Test
  void survivesAnyText() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 5_000; round++) {
      StringBuilder text = new StringBuilder(RULESET);
      for (int i = random.nextInt(20); i >= 0; i--) {
        int at = random.nextInt(text.length());
        if (random.nextBoolean()) {
          text.deleteCharAt(at);
        } else {
          text.setCharAt(at, (char) random.nextInt(128));
        }
      }
      assertThatCode(() -> NftRuleset.parse(text.toString()).dropping())
          .as("seed %s round %s", seed, round)
          .doesNotThrowAnyException();
    }
  }
}
