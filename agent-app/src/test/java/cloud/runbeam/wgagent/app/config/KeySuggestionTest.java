package cloud.runbeam.wgagent.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class KeySuggestionTest {
  private static final List<String> KNOWN =
      List.of("address", "mtu", "listen_port", "private_key_path", "allowed_ips");

  @Test
  void findsAKeyInAnotherSpelling() {
    assertThat(KeySuggestion.nearest("listenPort", KNOWN)).hasValue("listen_port");
    assertThat(KeySuggestion.nearest("Allowed-IPs", KNOWN)).hasValue("allowed_ips");
  }

  @Test
  void findsAKeyWithSwappedAndMissingLetters() {
    assertThat(KeySuggestion.nearest("adrdess", KNOWN)).hasValue("address");
    assertThat(KeySuggestion.nearest("privat_key_pth", KNOWN)).hasValue("private_key_path");
    assertThat(KeySuggestion.nearest("mut", KNOWN)).hasValue("mtu");
  }

  @Test
  void suggestsNothingForSomethingElse() {
    assertThat(KeySuggestion.nearest("frobnicate", KNOWN)).isEmpty();
    assertThat(KeySuggestion.nearest("x".repeat(10_000), KNOWN)).isEmpty();
  }
}
