package cloud.runbeam.wgagent.app.tunnel;

import cloud.runbeam.wgagent.engine.io.LinkObserver;
import cloud.runbeam.wgagent.engine.io.TunDevice;
import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A TUN device that nobody sends packets into. */
final class FakeTun implements TunDevice {
  private final String name;
  private final int mtuBytes;
  private final Runnable onClose;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile @Nullable LinkObserver observer;

  FakeTun(String name, int mtuBytes, Runnable onClose) {
    this.name = name;
    this.mtuBytes = mtuBytes;
    this.onClose = onClose;
  }

  void setUp(boolean up) {
    LinkObserver link = observer;
    if (link != null && up) {
      link.linkUp();
    } else if (link != null) {
      link.linkDown();
    }
  }

  void deleteFromOutside() {
    ended.countDown();
    LinkObserver link = observer;
    if (link != null) {
      link.linkDeleted();
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int mtuBytes() {
    return mtuBytes;
  }

  @Override
  public FrameHeader frameHeader() {
    return FrameHeader.NONE;
  }

  @Override
  public int read(PacketBatch batch) {
    batch.clear();
    try {
      ended.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    return -1;
  }

  @Override
  public int write(PacketBatch batch) {
    return batch.size();
  }

  @Override
  public void observe(LinkObserver newObserver) {
    observer = newObserver;
  }

  @Override
  public void close() {
    if (ended.getCount() > 0) {
      ended.countDown();
      onClose.run();
    }
  }
}
