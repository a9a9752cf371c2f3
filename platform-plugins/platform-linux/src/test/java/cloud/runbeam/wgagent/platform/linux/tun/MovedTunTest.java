package cloud.runbeam.wgagent.platform.linux.tun;

import static cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork.get;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.runbeam.wgagent.engine.memory.PacketBatch;
import cloud.runbeam.wgagent.platform.linux.ffi.Errno;
import cloud.runbeam.wgagent.platform.linux.ffi.SystemCalls;
import cloud.runbeam.wgagent.platform.linux.testkit.Batches;
import cloud.runbeam.wgagent.platform.linux.testkit.Packets;
import cloud.runbeam.wgagent.platform.linux.testkit.PrivateNetwork;
import cloud.runbeam.wgagent.platform.linux.testkit.RecordingObserver;
import cloud.runbeam.wgagent.platform.linux.testkit.ScriptedCalls;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A TUN device that is moved to another network namespace, as containers and VRFs are set up. */
@Tag("root")
class MovedTunTest {
  private static final String UP = "ip address add 10.9.0.1/24 dev wgt0 && ip link set wgt0 up";

  private final PrivateNetwork birthplace = new PrivateNetwork();
  private final PrivateNetwork elsewhere = new PrivateNetwork();
  private final RecordingObserver observer = new RecordingObserver();
  private final ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void end() {
    birthplace.close();
    elsewhere.close();
    readers.shutdownNow();
  }

  private LinuxTun create(TunFactory factory, boolean offloads) {
    LinuxTun tun = birthplace.call(() -> factory.create("wgt0", 1420, new TunOptions(offloads)));
    birthplace.run(() -> tun.observe(observer));
    birthplace.sh("ip link set wgt0 up");
    assertThat(observer.next()).isEqualTo("up");
    return tun;
  }

  private void move() {
    birthplace.sh("ip link set wgt0 netns " + elsewhere.path());
    assertThat(observer.next()).as("moving sets a link down").isEqualTo("down");
  }

  @Test
  void followsTheLinkIntoAnotherNamespace() {
    try (LinuxTun tun = create(new TunFactory(), false)) {
      move();
      elsewhere.sh(UP);
      assertThat(observer.next()).isEqualTo("up");
      elsewhere.sh("ip link set wgt0 mtu 1300");
      assertThat(observer.next()).isEqualTo("mtu 1300");
      assertThat(tun.mtuBytes()).isEqualTo(1300);
      elsewhere.sh("ip link set wgt0 down && ip link set wgt0 name moved0");
      assertThat(observer.next()).isEqualTo("down");
      elsewhere.sh("ip link set moved0 netns " + birthplace.path());
      birthplace.sh("ip link set moved0 up");
      assertThat(observer.next()).as("back again").isEqualTo("up");
      assertThat(tun.name()).isEqualTo("moved0");
      birthplace.sh("ip link delete moved0");
      assertThat(observer.next()).isEqualTo("deleted");
    }
    assertThat(observer.isQuiet()).isTrue();
  }

  @Test
  void hearsThatTheLinkCameUpElsewhereWithoutLooking() {
    TunFactory patient = new TunFactory(TunFactory.CONTROL_FILE, NeverInTime::new);
    try (LinuxTun tun = create(patient, false)) {
      move();
      elsewhere.sh(UP);
      assertThat(observer.next()).isEqualTo("up");
      assertThat(tun.mtuBytes()).isEqualTo(1420);
    }
  }

  /** Waits for ever where a time is given: only news end a wait. */
  private static final class NeverInTime extends SystemCalls {
    @Override
    public int poll(long pollfds, int count, int timeoutMs) {
      return super.poll(pollfds, count, timeoutMs > 0 ? -1 : timeoutMs);
    }
  }

  @Test
  void carriesFramesInAnotherNamespace() {
    LinuxTun tun = create(new TunFactory(), false);
    Future<Boolean> answered;
    try {
      answered = readers.submit(() -> answerOne(tun));
      move();
      elsewhere.sh(UP);
      assertThat(observer.next()).isEqualTo("up");
      elsewhere.sh("ping -q -c 1 -W 5 10.9.0.2");
    } finally {
      tun.close();
    }
    assertThat(get(answered)).isTrue();
  }

  private static boolean answerOne(LinuxTun tun) throws IOException {
    PacketBatch frames = Batches.packets(1, 1);
    while (tun.read(frames) > 0) {
      byte[] packet = Batches.bytes(frames, 0);
      if (Packets.isEchoRequest(packet)) {
        frames.clear();
        Batches.append(frames, Packets.echoReply(packet));
        return tun.write(frames) == 1;
      }
    }
    return false;
  }

  @Test
  void probesTheLinkWhereTheNamespaceCannotBeEntered() {
    probes(false);
  }

  @Test
  void probesALinkWithOffloadHeadersToo() {
    probes(true);
  }

  private void probes(boolean offloads) {
    TunFactory unprivileged =
        new TunFactory(TunFactory.CONTROL_FILE, () -> new ScriptedCalls().refuseSetns(Errno.EPERM));
    try (LinuxTun tun = create(unprivileged, offloads)) {
      move();
      elsewhere.sh("ip link set wgt0 name moved0 && ip link set moved0 up");
      assertThat(observer.next()).isEqualTo("up");
      assertThat(tun.name()).isEqualTo("moved0");
      elsewhere.sh("ip link set moved0 down");
      assertThat(observer.next()).isEqualTo("down");
      elsewhere.sh("ip link delete moved0");
      assertThat(observer.next()).isEqualTo("deleted");
    }
    assertThat(observer.isQuiet()).isTrue();
  }

  @Test
  void endsWithTheNamespaceItWasMovedTo() {
    try (LinuxTun tun = create(new TunFactory(), false)) {
      move();
      elsewhere.close();
      assertThat(observer.next()).isEqualTo("deleted");
      assertThat(tun.mtuBytes()).isEqualTo(1420);
    }
  }
}
