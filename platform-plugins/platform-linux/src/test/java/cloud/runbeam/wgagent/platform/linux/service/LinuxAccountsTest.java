package cloud.runbeam.wgagent.platform.linux.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LinuxAccountsTest {
  private final LinuxAccounts accounts = new LinuxAccounts();

  @Test
  void knowsPrimaryGroups() {
    assertThat(accounts.isMember("root", "root")).isTrue();
    assertThat(accounts.isMember("daemon", "daemon")).isTrue();
    assertThat(accounts.isMember("daemon", "root")).isFalse();
  }

  @Test
  void knowsNobodyThatDoesNotExist() {
    assertThat(accounts.isMember("no-such-user", "root")).isFalse();
    assertThat(accounts.isMember("root", "no-such-group")).isFalse();
    assertThat(accounts.isMember("", "")).isFalse();
  }

  @Test
  void takesNamesAsNamesWhateverTheyLookLike() {
    assertThat(accounts.isMember("0", "0")).isFalse();
    assertThat(accounts.isMember("root:x", "root\nx")).isFalse();
  }
}
