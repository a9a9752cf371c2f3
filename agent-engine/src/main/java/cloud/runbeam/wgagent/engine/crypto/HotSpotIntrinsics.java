package cloud.runbeam.wgagent.engine.crypto;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.security.Key;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Objects;
import javax.crypto.spec.SecretKeySpec;

/**
 * The two functions of the JDK that HotSpot replaces by vector code: the ChaCha20 block function
 * and the Poly1305 loop.
 *
 * <p>They are internal to the JDK, so the launcher opens two packages to us ({@code --add-opens},
 * {@code Add-Opens} in the manifest): {@code com.sun.crypto.provider} for the functions, {@code
 * sun.security.util.math} for the limbs that the Java version of the Poly1305 loop works on while
 * it is not compiled. Where they are not open, or a later JDK has changed them, this class fails to
 * initialise, once, with the reason as the cause; {@link AeadProviders} keeps it for people to
 * read.
 *
 * <p>The handles are constants of a class, which is what lets the compiler see through them to the
 * intrinsic. The vector code checks no bounds: this class does.
 */
final class HotSpotIntrinsics {
  /** The vector code writes up to sixteen blocks at once, depending on the processor. */
  static final int MAX_KEYSTREAM_BYTES = 1_024;

  private static final MethodHandle CHACHA20_BLOCK;
  private static final MethodHandle POLY1305_NEW;
  private static final MethodHandle POLY1305_INIT;
  private static final MethodHandle POLY1305_BLOCKS;
  private static final MethodHandle POLY1305_ACCUMULATOR;
  private static final MethodHandle POLY1305_R;

  static {
    try {
      Class<?> chacha = Class.forName("com.sun.crypto.provider.ChaCha20Cipher");
      Class<?> poly = Class.forName("com.sun.crypto.provider.Poly1305");
      Class<?> number = Class.forName("sun.security.util.math.IntegerModuloP");
      Class<?> mutableNumber = Class.forName("sun.security.util.math.MutableIntegerModuloP");
      Lookup inChacha = MethodHandles.privateLookupIn(chacha, MethodHandles.lookup());
      Lookup inPoly = MethodHandles.privateLookupIn(poly, MethodHandles.lookup());
      Lookup inNumber = MethodHandles.privateLookupIn(number, MethodHandles.lookup());

      CHACHA20_BLOCK =
          inChacha.findStatic(
              chacha, "implChaCha20Block", signature(int.class, int[].class, byte[].class));
      POLY1305_NEW =
          inPoly.findConstructor(poly, signature(void.class)).asType(signature(Object.class));
      POLY1305_INIT =
          onObject(
              inPoly.findVirtual(
                  poly,
                  "engineInit",
                  signature(void.class, Key.class, AlgorithmParameterSpec.class)));
      POLY1305_BLOCKS =
          onObject(
              inPoly.findVirtual(
                  poly,
                  "processMultipleBlocks",
                  signature(
                      void.class, byte[].class, int.class, int.class, long[].class, long[].class)));
      MethodHandle limbs = inNumber.findVirtual(number, "getLimbs", signature(long[].class));
      POLY1305_ACCUMULATOR = limbsOf(inPoly.findGetter(poly, "a", mutableNumber), limbs);
      POLY1305_R = limbsOf(inPoly.findGetter(poly, "r", number), limbs);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private HotSpotIntrinsics() {}

  /**
   * Writes the keystream that begins with the block of {@code state} to the start of {@code
   * keystream}.
   *
   * @param state 16 words, not changed
   * @param keystream {@link #MAX_KEYSTREAM_BYTES} long
   * @return how many bytes were written, a multiple of 64
   */
  static int chaCha20Blocks(int[] state, byte[] keystream) {
    if (state.length != ChaCha20Poly1305.STATE_WORDS || keystream.length != MAX_KEYSTREAM_BYTES) {
      throw new IndexOutOfBoundsException(state.length + " words, " + keystream.length + " bytes");
    }
    try {
      return (int) CHACHA20_BLOCK.invokeExact(state, keystream);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** One of the JDK's Poly1305 objects, for {@link #poly1305Blocks}. */
  static Object newPoly1305() {
    // Any key brings its two numbers into being; zeros would be refused as weak. It is overwritten
    // before use.
    byte[] anyKey = new byte[SecretKey.BYTES];
    anyKey[0] = 1;
    anyKey[SecretKey.BYTES - 1] = 1;
    try {
      Object poly = (Object) POLY1305_NEW.invokeExact();
      POLY1305_INIT.invokeExact(
          poly, (Key) new SecretKeySpec(anyKey, "Poly1305"), (AlgorithmParameterSpec) null);
      return poly;
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** The limbs of the accumulator inside {@code poly}, as {@link Poly1305} has them. */
  static long[] accumulator(Object poly) {
    try {
      return (long[]) POLY1305_ACCUMULATOR.invokeExact(poly);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** The limbs of r inside {@code poly}. */
  static long[] r(Object poly) {
    try {
      return (long[]) POLY1305_R.invokeExact(poly);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /**
   * Adds whole blocks of {@code input} to the sum, as {@link Poly1305#update} does.
   *
   * @param poly what {@link #newPoly1305} made
   * @param accumulator its {@link #accumulator}
   * @param r its {@link #r}
   */
  static void poly1305Blocks(
      Object poly, byte[] input, int offset, int length, long[] accumulator, long[] r) {
    Objects.checkFromIndexSize(offset, length, input.length);
    if (accumulator.length != Poly1305.LIMBS || r.length != Poly1305.LIMBS) {
      throw new IndexOutOfBoundsException(accumulator.length + " and " + r.length + " limbs");
    }
    try {
      POLY1305_BLOCKS.invokeExact(poly, input, offset, length, accumulator, r);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  private static MethodType signature(Class<?> result, Class<?>... parameters) {
    return MethodType.methodType(result, parameters);
  }

  private static MethodHandle onObject(MethodHandle method) {
    return method.asType(method.type().changeParameterType(0, Object.class));
  }

  private static MethodHandle limbsOf(MethodHandle field, MethodHandle limbs) {
    MethodHandle limbsOfField =
        limbs.asType(limbs.type().changeParameterType(0, field.type().returnType()));
    return onObject(MethodHandles.filterReturnValue(field, limbsOfField));
  }

  /** A handle declares every throwable; these methods throw unchecked ones only. */
  private static IllegalStateException rethrown(Throwable thrown) {
    if (thrown instanceof RuntimeException e) {
      throw e;
    }
    if (thrown instanceof Error e) {
      throw e;
    }
    return new IllegalStateException(thrown);
  }
}
