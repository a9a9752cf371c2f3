package cloud.runbeam.wgagent.platform.linux.privilege;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs the filter as the kernel does; {@code PrivilegesIT} has the kernel run it. */
class SystemCallFilterTest {
  private static final int ALLOWED = 0x7fff_0000;
  private static final int REFUSED = 0x0005_0001;
  private static final int X86_64 = 0xc000_003e;
  private static final int AARCH64 = 0xc000_00b7;
  private static final int I386 = 0x4000_0003;

  @ParameterizedTest
  @CsvSource({
    "ptrace,101,117",
    "mount,165,40",
    "bpf,321,280",
    "unshare,272,97",
    "keyctl,250,219",
    "kexec_load,246,104",
    "vhangup,153,58"
  })
  void refusesWhatAnIntruderWouldWant(String name, int x86, int aarch64) {
    assertThat(run(X86_64, X86_64, x86)).as(name).isEqualTo(REFUSED);
    assertThat(run(AARCH64, AARCH64, aarch64)).as(name).isEqualTo(REFUSED);
  }

  @ParameterizedTest
  @CsvSource({
    "read,0,63",
    "sendmmsg,307,269",
    "execve,59,221",
    "futex,202,98",
    "setns,308,268",
    "mmap,9,222",
    "clone3,435,435"
  })
  void allowsWhatTheAgentDoes(String name, int x86, int aarch64) {
    assertThat(run(X86_64, X86_64, x86)).as(name).isEqualTo(ALLOWED);
    assertThat(run(AARCH64, AARCH64, aarch64)).as(name).isEqualTo(ALLOWED);
  }

  @ParameterizedTest
  @CsvSource({"0", "3", "63", "1073741824", "1073741925"})
  void refusesTheNumbersOfOtherArchitectures(int number) {
    assertThat(run(X86_64, I386, number)).isEqualTo(REFUSED);
    assertThat(run(AARCH64, X86_64, number)).isEqualTo(REFUSED);
    if (number >= 1 << 30) {
      assertThat(run(X86_64, X86_64, number)).isEqualTo(REFUSED);
    }
  }

  private static int run(int ours, int architecture, int number) {
    ByteBuffer program =
        ByteBuffer.wrap(SystemCallFilter.program(ours)).order(ByteOrder.nativeOrder());
    int accumulator = 0;
    int next = 0;
    while (true) {
      int at = next * SystemCallFilter.INSTRUCTION_BYTES;
      int code = program.getShort(at);
      int ifTrue = program.get(at + 2) & 0xff;
      int ifFalse = program.get(at + 3) & 0xff;
      int constant = program.getInt(at + 4);
      next++;
      switch (code) {
        case 0x20 -> accumulator = constant == 0 ? number : architecture;
        case 0x15 -> next += accumulator == constant ? ifTrue : ifFalse;
        case 0x35 -> next += Integer.compareUnsigned(accumulator, constant) >= 0 ? ifTrue : ifFalse;
        case 0x06 -> {
          return constant;
        }
        default -> throw new AssertionError("instruction " + code + " at " + at);
      }
    }
  }
}
