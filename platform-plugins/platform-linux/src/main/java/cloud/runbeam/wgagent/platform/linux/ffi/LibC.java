package cloud.runbeam.wgagent.platform.linux.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;

/**
 * The C library's functions that the Linux plugin uses: one method handle each, linked once.
 *
 * <p>Every function takes integers and pointers only, and on the 64-bit Linux calling conventions
 * (System V x86-64, AAPCS64, RISC-V LP64) each of those is one full register, sign-extended, in the
 * order of the arguments. So all are linked as functions of three or of five {@code long} words
 * that return one. Making the code for one shape costs about 3 ms, binding one more function to it
 * 0.05 ms: typed shapes would add some 40 ms to every start. {@link SystemCalls} gives the types
 * back.
 *
 * <p>{@code open} and {@code ioctl} are variadic in C and are linked as such. {@code clock_gettime}
 * is answered in user space (vDSO) and neither blocks nor fails, so it is linked without the thread
 * state transition.
 *
 * <p>A function that this C library lacks is bound to a handle that throws {@link
 * UnsatisfiedLinkError} when called, and named in {@code missing}; nothing fails at start.
 *
 * @param missing the functions that this C library does not have; empty on any we know
 */
record LibC(
    MethodHandle open,
    MethodHandle ioctl,
    MethodHandle close,
    MethodHandle read,
    MethodHandle write,
    MethodHandle poll,
    MethodHandle eventfd,
    MethodHandle setns,
    MethodHandle socket,
    MethodHandle bind,
    MethodHandle getsockname,
    MethodHandle shutdown,
    MethodHandle setsockopt,
    MethodHandle getsockopt,
    MethodHandle recv,
    MethodHandle recvmmsg,
    MethodHandle sendmmsg,
    MethodHandle mlock,
    MethodHandle munlock,
    MethodHandle madvise,
    MethodHandle getrandom,
    MethodHandle syscall,
    MethodHandle prctl,
    MethodHandle clockGettime,
    List<String> missing) {

  /** Where every linked function but {@code clock_gettime} leaves {@code errno}. */
  static final StructLayout CAPTURE = Linker.Option.captureStateLayout();

  /** Offset of {@code errno} in {@link #CAPTURE}. */
  static final long ERRNO_OFFSET =
      CAPTURE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

  private static final FunctionDescriptor THREE_WORDS =
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final FunctionDescriptor FIVE_WORDS =
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final FunctionDescriptor CLOCK =
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG);

  /** Links every function of the C library that the process runs with. */
  static LibC link() {
    Linker linker = Linker.nativeLinker();
    SymbolLookup lookup = linker.defaultLookup();
    List<String> missing = new ArrayList<>();
    Linker.Option errno = Linker.Option.captureCallState("errno");
    Linker.Option variadic = Linker.Option.firstVariadicArg(2);
    Shape three = name -> bind(linker, lookup, name, missing, THREE_WORDS, errno);
    Shape open3 = name -> bind(linker, lookup, name, missing, THREE_WORDS, errno, variadic);
    Shape five = name -> bind(linker, lookup, name, missing, FIVE_WORDS, errno);
    return new LibC(
        open3.bind("open"),
        open3.bind("ioctl"),
        three.bind("close"),
        three.bind("read"),
        three.bind("write"),
        three.bind("poll"),
        three.bind("eventfd"),
        three.bind("setns"),
        three.bind("socket"),
        three.bind("bind"),
        three.bind("getsockname"),
        three.bind("shutdown"),
        five.bind("setsockopt"),
        five.bind("getsockopt"),
        five.bind("recv"),
        five.bind("recvmmsg"),
        five.bind("sendmmsg"),
        three.bind("mlock"),
        three.bind("munlock"),
        three.bind("madvise"),
        three.bind("getrandom"),
        five.bind("syscall"),
        five.bind("prctl"),
        bind(linker, lookup, "clock_gettime", missing, CLOCK, Linker.Option.critical(false)),
        List.copyOf(missing));
  }

  @SuppressWarnings("restricted") // The one place that makes native calls possible.
  private static MethodHandle bind(
      Linker linker,
      SymbolLookup lookup,
      String name,
      List<String> missing,
      FunctionDescriptor shape,
      Linker.Option... options) {
    MemorySegment symbol = lookup.find(name).orElse(MemorySegment.NULL);
    MethodHandle handle = linker.downcallHandle(shape, options);
    if (symbol.equals(MemorySegment.NULL)) {
      missing.add(name);
      MethodType type = handle.type().dropParameterTypes(0, 1);
      MethodHandle thrower =
          MethodHandles.throwException(type.returnType(), UnsatisfiedLinkError.class)
              .bindTo(new UnsatisfiedLinkError("the C library has no function " + name));
      return MethodHandles.dropArguments(thrower, 0, type.parameterList());
    }
    return handle.bindTo(symbol);
  }

  /** One shape of call, to which functions are bound by name. */
  @FunctionalInterface
  private interface Shape {
    MethodHandle bind(String name);
  }
}
