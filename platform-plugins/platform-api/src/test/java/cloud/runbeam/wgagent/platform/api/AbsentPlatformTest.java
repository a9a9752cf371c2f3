package cloud.runbeam.wgagent.platform.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.runbeam.wgagent.engine.io.Endpoint;
import cloud.runbeam.wgagent.engine.routing.IpPrefix;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class AbsentPlatformTest {
  private static final IpPrefix PREFIX = IpPrefix.ipv4(0x0A00_0000, 8);

  private static AbsentPlatform on(OperatingSystem current) {
    return new AbsentPlatform("macos", OperatingSystem.MACOS, current, "use Linux") {};
  }

  @Test
  void saysOnOtherSystemsThatItIsNotTheirs() {
    PlatformProbe probe = on(OperatingSystem.LINUX).probe();
    assertThat(probe.usable()).isFalse();
    assertThat(probe.reasons())
        .singleElement()
        .asString()
        .startsWith("not this system: the macos plugin does nothing on this machine");
  }

  @Test
  void saysOnItsOwnSystemThatItIsNotDrivenYet() {
    PlatformProbe probe = on(OperatingSystem.MACOS).probe();
    assertThat(probe.usable()).isFalse();
    assertThat(probe.reasons())
        .containsExactly("this version of wg-agent does not drive macos yet: use Linux");
  }

  @Test
  void refusesEveryOperationWithReasonAndAdvice() {
    AbsentPlatform platform = on(OperatingSystem.MACOS);
    InterfaceSetup interfaces = platform.interfaces();
    RouteTable routes = platform.routes();
    List<ThrowingCallable> operations =
        List.of(
            () -> platform.createTun("wg0", 1420),
            () -> interfaces.exists("wg0"),
            () -> interfaces.addAddress("wg0", PREFIX),
            () -> interfaces.removeAddress("wg0", PREFIX),
            () -> interfaces.addresses("wg0"),
            () -> interfaces.setMtu("wg0", 1420),
            () -> interfaces.setUp("wg0", true),
            () -> routes.add("wg0", PREFIX, RouteTable.MAIN),
            () -> routes.remove("wg0", PREFIX, RouteTable.MAIN),
            () -> routes.pathMtu(Endpoint.ipv4(1, 1)));
    for (ThrowingCallable operation : operations) {
      assertThatThrownBy(operation)
          .isInstanceOf(PlatformException.class)
          .hasMessageStartingWith("cannot ")
          .hasMessageEndingWith(": this version of wg-agent does not drive macos yet: use Linux");
    }
    assertThatThrownBy(() -> platform.udp().open(51_820, 0))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot open UDP port 51820: this version");
    List<ThrowingCallable> services =
        List.of(platform::monotonicClock, platform::wallClock, platform::entropy);
    for (ThrowingCallable service : services) {
      assertThatThrownBy(service)
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageEndingWith("use Linux");
    }
  }

  @Test
  void claimsNoRightsAndNoProtection() {
    AbsentPlatform platform = on(OperatingSystem.MACOS);
    MemorySegment memory = MemorySegment.ofArray(new byte[8]);
    assertThat(platform.memoryGuard().protect(memory).orElseThrow())
        .startsWith("key memory is not locked");
    platform.memoryGuard().release(memory);
    assertThat(platform.privileges().canAdministerNetwork()).isFalse();
    assertThat(platform.privileges().currentUser()).isEqualTo(System.getProperty("user.name"));
  }
}
