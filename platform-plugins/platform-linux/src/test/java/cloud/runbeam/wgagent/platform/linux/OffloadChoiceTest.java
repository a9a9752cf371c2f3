package cloud.runbeam.wgagent.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import cloud.runbeam.wgagent.engine.io.OffloadState;
import cloud.runbeam.wgagent.platform.linux.tun.TunOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OffloadChoiceTest {
  private static final String NOT_WANTED = "off: switched off by configuration";

  @ParameterizedTest
  @CsvSource({
    "'',true,true",
    "on,true,true",
    "off,false,false",
    "tun,true,false",
    "udp,false,true"
  })
  void allowsWhatTheVariableSays(String text, boolean tun, boolean udp) {
    OffloadChoice choice = OffloadChoice.parse(text);

    assertThat(choice.tunOptions()).isEqualTo(new TunOptions(tun));
    assertThat(choice.udp()).isEqualTo(udp);
    assertThat(choice.problem()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "OFF", "0", "tun,udp"})
  void usesAllAndSaysSoWhenTheVariableIsNotUnderstood(String text) {
    OffloadChoice choice = OffloadChoice.parse(text);

    assertThat(choice.tun() && choice.udp()).isTrue();
    assertThat(choice.problem().orElseThrow())
        .contains("WG_AGENT_OFFLOADS=" + text + " is not understood", "on, off, tun, udp");
  }

  @Test
  void aPlatformWithoutOffloadsFindsNone() {
    assertThat(new LinuxPlatform(OffloadChoice.parse("off")).offloads())
        .extracting(OffloadState::kind, OffloadState::text)
        .containsExactly(
            tuple("tun", NOT_WANTED),
            tuple("udp_receive", NOT_WANTED),
            tuple("udp_send", NOT_WANTED));
  }

  @Test
  void aPlatformTellsWhatThisMachineHas() {
    assertThat(new LinuxPlatform(OffloadChoice.ALL).offloads())
        .extracting(OffloadState::kind)
        .containsExactly("tun", "udp_receive", "udp_send");
  }
}
