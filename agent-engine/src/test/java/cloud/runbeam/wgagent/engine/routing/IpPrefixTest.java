package cloud.runbeam.wgagent.engine.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpPrefixTest {
  @ParameterizedTest
  @CsvSource({
    "0.0.0.0/0, 0.0.0.0/0",
    "10.1.2.3/8, 10.1.2.3/8",
    "255.255.255.255, 255.255.255.255/32",
    "::/0, ::/0",
    "FD42:1::1/64, fd42:1::1/64",
    "::1, ::1/128",
    "2001:db8:0:0:1:0:0:1/128, 2001:db8::1:0:0:1/128",
    "::ffff:192.0.2.33/96, ::ffff:c000:221/96",
    "1:2:3:4:5:6:7::/112, 1:2:3:4:5:6:7:0/112",
    "1::8, 1::8/128"
  })
  void readsAndPrints(String text, String printed) {
    assertThat(IpPrefix.parse(text)).hasToString(printed);
    assertThat(IpPrefix.parse(printed)).isEqualTo(IpPrefix.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/24",
        "10",
        "10.1",
        "10.1.2",
        "10.1.2.3.4",
        "10.1.2.3.4.5",
        "10..2.3",
        ".1.2.3",
        "10.1.2.",
        "10.1.2.256",
        "10.1.2.1000",
        "010.1.2.3",
        "10.1.2.00",
        "0x10.1.2.3",
        "10.1.2.-3",
        "10.1.2.3 ",
        " 10.1.2.3",
        "a.b.c.d",
        "example.com",
        "10.1.2.3/",
        "10.1.2.3/33",
        "10.1.2.3/-1",
        "10.1.2.3/08",
        "10.1.2.3/1000",
        "10.1.2.3/8/8",
        "10.1.2.3/x",
        "10.1.2.3/٣",
        ":",
        ":::",
        "1:",
        ":1",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        "12345::",
        "g::",
        "::1/129",
        "[::1]",
        "fe80::1%eth0/64",
        "::1.2.3",
        "::1.2.3.4.5",
        "1:2:3:4:5:6:7:1.2.3.4",
        "::1.2.3.4:5",
        "::٣"
      })
  void refusesWhatIsNotExactlyAPrefix(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IpPrefix.parse(text))
        .withMessageMatching(".{10,}");
  }

  @Test
  void clearsHostBits() {
    assertThat(IpPrefix.parse("10.255.1.2/9").network()).hasToString("10.128.0.0/9");
    assertThat(IpPrefix.parse("2001:db8::ffff/65").network()).hasToString("2001:db8::/65");
    assertThat(IpPrefix.parse("ffff::/0").network()).hasToString("::/0");
  }

  @Test
  void refusesLengthsAndBitsOfTheOtherFamily() {
    assertThatIllegalArgumentException().isThrownBy(() -> IpPrefix.ipv4(0, 33));
    assertThatIllegalArgumentException().isThrownBy(() -> IpPrefix.ipv6(0, 0, 129));
    assertThatIllegalArgumentException().isThrownBy(() -> new IpPrefix(false, 1, 0, 32));
  }
}
