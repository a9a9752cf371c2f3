package cloud.runbeam.wgagent.app.bench;

import cloud.runbeam.wgagent.app.bench.BenchReport.AeadFigure;
import cloud.runbeam.wgagent.engine.crypto.Aead;
import cloud.runbeam.wgagent.engine.crypto.AeadProvider;
import cloud.runbeam.wgagent.engine.crypto.AeadProviders;
import cloud.runbeam.wgagent.engine.crypto.KeyArena;
import cloud.runbeam.wgagent.engine.crypto.SecretKey;
import cloud.runbeam.wgagent.engine.io.EntropySource;
import cloud.runbeam.wgagent.engine.memory.PacketArena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What sealing and opening one packet costs, with the cipher in use and with the JDK's own. */
final class AeadBench {
  /** A packet that fills the MTU, and a TCP acknowledgement. */
  private static final int[] SIZES = {1420, 64};

  private static final int CALLS = 64;
  private static final int ALIGNMENT = 64;

  private AeadBench() {}

  static List<AeadFigure> run(KeyArena keys, EntropySource entropy, long budgetNs) {
    // One of them where the JDK's own is the one in use.
    Set<AeadProvider> providers =
        new LinkedHashSet<>(List.of(AeadProviders.best(), AeadProviders.portable()));
    long eachNs = budgetNs / (2L * SIZES.length * providers.size());
    List<AeadFigure> figures = new ArrayList<>();
    try (PacketArena memory = new PacketArena();
        SecretKey key = keys.allocate()) {
      entropy.fill(key.bytes());
      for (int bytes : SIZES) {
        MemorySegment plain = memory.allocate(bytes, ALIGNMENT);
        MemorySegment sealed = memory.allocate(bytes + Aead.TAG_BYTES, ALIGNMENT);
        for (AeadProvider provider : providers) {
          Aead aead = provider.newAead();
          Calls calls = new Calls(aead, key, plain, sealed, bytes);
          double sealNs = Repeat.medianNs(eachNs, CALLS, calls::seal);
          double openNs = Repeat.medianNs(eachNs, CALLS, calls::open);
          boolean inUse = provider == AeadProviders.best();
          figures.add(new AeadFigure(provider.name(), inUse, bytes, sealNs, openNs));
        }
      }
    }
    return figures;
  }

  /** The two calls; every open is of what was sealed last. */
  private record Calls(
      Aead aead, SecretKey key, MemorySegment plain, MemorySegment sealed, int bytes) {
    void seal() {
      aead.seal(key, 1, plain, 0, bytes, 0, sealed, 0);
    }

    void open() {
      if (aead.open(key, 1, sealed, 0, bytes + Aead.TAG_BYTES, plain, 0) != bytes) {
        throw new IllegalStateException("what was sealed does not open");
      }
    }
  }
}
