package cloud.runbeam.wgagent.platform.linux.privilege;

import cloud.runbeam.wgagent.platform.api.PlatformException;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.ProcessCalls;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalInt;

/**
 * Refuses system calls that the agent never makes, with EPERM, on all threads at once (seccomp(2),
 * {@code SECCOMP_FILTER_FLAG_TSYNC}). What is refused is what an intruder would want next: another
 * process's memory, kernel code, mounts, keyrings, clocks, namespaces. A list of what is allowed
 * would be stricter and would break with the next JDK; the unit of systemd has one as well.
 *
 * <pre>
 *   load architecture  -> another than ours:   refuse   (32-bit calls have other numbers)
 *   load number        -> the x32 numbers:     refuse
 *                      -> one of DENIED:       refuse
 *                      -> else:                allow
 * </pre>
 */
public final class SystemCallFilter {
  private static final String WHAT = "cannot refuse system calls";

  // linux/bpf_common.h, linux/filter.h: a load of 32 bits, comparisons with a constant, a result.
  private static final int LOAD_WORD = 0x20;
  private static final int JUMP_IF_EQUAL = 0x15;
  private static final int JUMP_IF_AT_LEAST = 0x35;
  private static final int RETURN = 0x06;

  // linux/seccomp.h
  private static final int RETURN_ALLOW = 0x7fff_0000;
  private static final int RETURN_ERRNO = 0x0005_0000;
  private static final int NUMBER_OFFSET = 0;
  private static final int ARCHITECTURE_OFFSET = 4;

  /** linux/audit.h: {@code AUDIT_ARCH_X86_64}, {@code AUDIT_ARCH_AARCH64}. */
  private static final int ARCHITECTURE_X86_64 = 0xc000_003e;

  private static final int ARCHITECTURE_AARCH64 = 0xc000_00b7;

  /** Numbers from here on are calls of x32 programs. */
  private static final int X32 = 0x4000_0000;

  private static final int NONE = -1;
  private static final int EPERM = 1;

  /** {@code struct sock_filter}: code, two jumps, constant. */
  static final int INSTRUCTION_BYTES = 8;

  /** Name, number on x86-64, number on AArch64 (asm/unistd_64.h, asm-generic/unistd.h). */
  private static final Object[][] DENIED = {
    {"ptrace", 101, 117},
    {"process_vm_readv", 310, 270},
    {"process_vm_writev", 311, 271},
    {"pidfd_getfd", 438, 438},
    {"kcmp", 312, 272},
    {"kexec_load", 246, 104},
    {"kexec_file_load", 320, 294},
    {"init_module", 175, 105},
    {"finit_module", 313, 273},
    {"delete_module", 176, 106},
    {"bpf", 321, 280},
    {"perf_event_open", 298, 241},
    {"userfaultfd", 323, 282},
    {"io_uring_setup", 425, 425},
    {"reboot", 169, 142},
    {"swapon", 167, 224},
    {"swapoff", 168, 225},
    {"mount", 165, 40},
    {"umount2", 166, 39},
    {"pivot_root", 155, 41},
    {"chroot", 161, 51},
    {"open_tree", 428, 428},
    {"move_mount", 429, 429},
    {"fsopen", 430, 430},
    {"fsconfig", 431, 431},
    {"fsmount", 432, 432},
    {"fspick", 433, 433},
    {"mount_setattr", 442, 442},
    {"open_by_handle_at", 304, 265},
    {"unshare", 272, 97},
    {"add_key", 248, 217},
    {"request_key", 249, 218},
    {"keyctl", 250, 219},
    {"settimeofday", 164, 170},
    {"clock_settime", 227, 112},
    {"clock_adjtime", 305, 266},
    {"adjtimex", 159, 171},
    {"acct", 163, 89},
    {"quotactl", 179, 60},
    {"personality", 135, 92},
    {"syslog", 103, 116},
    {"vhangup", 153, 58},
    {"iopl", 172, NONE},
    {"ioperm", 173, NONE},
  };

  private SystemCallFilter() {}

  /**
   * Installs the filter for this process and what it starts; implies that no program gains rights.
   *
   * @throws PlatformException if the kernel or the processor does not have it
   */
  public static void install() throws PlatformException {
    OptionalInt architecture = architecture(System.getProperty("os.arch"));
    if (architecture.isEmpty()) {
      throw new PlatformException(
          WHAT, "no numbers are known for processor " + System.getProperty("os.arch"), "");
    }
    int result = ProcessCalls.refuseSystemCalls(program(architecture.getAsInt()));
    if (result < 0) {
      throw new PlatformException(
          WHAT,
          "seccomp: " + Errno.describe(-result),
          "use a kernel with CONFIG_SECCOMP_FILTER, or a container runtime that allows seccomp");
    }
  }

  static OptionalInt architecture(String name) {
    return switch (name) {
      case "amd64" -> OptionalInt.of(ARCHITECTURE_X86_64);
      case "aarch64" -> OptionalInt.of(ARCHITECTURE_AARCH64);
      default -> OptionalInt.empty();
    };
  }

  /** The filter as an array of {@code struct sock_filter}, in host order. */
  static byte[] program(int architecture) {
    boolean x86 = architecture == ARCHITECTURE_X86_64;
    int[] numbers = new int[DENIED.length];
    int count = 0;
    for (Object[] call : DENIED) {
      int number = (Integer) call[x86 ? 1 : 2];
      if (number != NONE) {
        numbers[count++] = number;
      }
    }
    int checks = count + (x86 ? 1 : 0);
    ByteBuffer program =
        ByteBuffer.allocate((checks + 5) * INSTRUCTION_BYTES).order(ByteOrder.nativeOrder());
    put(program, LOAD_WORD, 0, 0, ARCHITECTURE_OFFSET);
    // Jumps count from the next instruction. Behind the checks come: allow, refuse.
    put(program, JUMP_IF_EQUAL, 0, checks + 2, architecture);
    put(program, LOAD_WORD, 0, 0, NUMBER_OFFSET);
    int left = checks;
    if (x86) {
      put(program, JUMP_IF_AT_LEAST, left, 0, X32);
      left--;
    }
    for (int i = 0; i < count; i++) {
      put(program, JUMP_IF_EQUAL, left, 0, numbers[i]);
      left--;
    }
    put(program, RETURN, 0, 0, RETURN_ALLOW);
    put(program, RETURN, 0, 0, RETURN_ERRNO | EPERM);
    return program.array();
  }

  private static void put(ByteBuffer program, int code, int ifTrue, int ifFalse, int constant) {
    program.putShort((short) code).put((byte) ifTrue).put((byte) ifFalse).putInt(constant);
  }
}
