package cloud.runbeam.wgagent.engine.path;

import cloud.runbeam.wgagent.engine.io.MonotonicClock;
import cloud.runbeam.wgagent.engine.timer.TimerWheel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;

/**
 * Everything that is not a transport message, for all devices, on one thread: commands of the
 * operator, handshakes, what packet threads ask for, timers.
 *
 * <pre>
 *   1. commands   configuration, link changes, closing
 *   2. messages   of each device: handshakes and cookies; bounded per round, so that one device cannot starve another
 *   3. peers      that ask for attention, or whose deadline has passed
 *   4. flush      what the three wrote
 *   5. sleep      until the next deadline or until somebody wakes it; idle costs nothing
 * </pre>
 */
public final class ConductorAgent implements Agent {
  private static final int COMMAND_CAPACITY = 1024;
  private static final int COMMANDS_PER_ROUND = 16;

  /** How long to wait for a packet thread to pass a quiescent point before looking again. */
  private static final long RETIRE_POLL_NS = 1_000_000;

  private static final long FOREVER_NS = Long.MAX_VALUE;

  private final MonotonicClock clock;
  private final ConductorWaker waker = new ConductorWaker();
  private final MpscVarHandleArrayQueue<Runnable> commands =
      new MpscVarHandleArrayQueue<>(COMMAND_CAPACITY);
  private final TimerWheel<PeerDesk> wheel;
  private final List<DeviceConductor> devices = new ArrayList<>();
  private boolean ending;
  private volatile boolean ended;

  /** A conductor without devices. */
  public ConductorAgent(MonotonicClock clock) {
    this.clock = clock;
    this.wheel = new TimerWheel<>(clock.nowNs());
  }

  @Override
  public String name() {
    return "wg-conductor";
  }

  /**
   * Runs {@code command} on the conductor. Any thread.
   *
   * @throws RejectedExecutionException if too many commands wait
   */
  public void submit(Runnable command) {
    if (!commands.offer(command)) {
      throw new RejectedExecutionException(
          "the conductor has " + COMMAND_CAPACITY + " commands waiting; try again");
    }
    waker.wake();
  }

  /** As {@link #submit}, for steps of ending, which must not be refused: waits for room. */
  public void submitUrgent(Runnable command) {
    while (!commands.offer(command)) {
      waker.wake();
      Thread.onSpinWait();
    }
    waker.wake();
  }

  /** Whether the conductor has ended and runs no more commands. */
  public boolean hasEnded() {
    return ended;
  }

  /** Wakes the conductor after something was put in a queue of one of its devices. */
  ConductorWaker waker() {
    return waker;
  }

  /** The wheel of all devices' peers; conductor. */
  TimerWheel<PeerDesk> wheel() {
    return wheel;
  }

  /** Adds a device; conductor. */
  public void add(DeviceConductor device) {
    devices.add(device);
  }

  /** Takes a device away; conductor. */
  public void remove(DeviceConductor device) {
    devices.remove(device);
  }

  /** Ends after this round; conductor. */
  public void end() {
    ending = true;
  }

  @Override
  public boolean doWork() {
    if (!work()) {
      waker.announceSleep();
      if (hasWork()) {
        waker.stayAwake();
      } else {
        waker.sleep(sleepNs());
      }
    }
    return !ending;
  }

  /**
   * One round without sleeping; whether there was anything to do. For tests that move the clock by
   * hand.
   */
  public boolean work() {
    boolean worked = runCommands();
    long nowNs = clock.nowNs();
    for (int i = 0; i < devices.size(); i++) {
      worked |= devices.get(i).work(nowNs);
    }
    worked |= wheel.poll(nowNs, desk -> desk.device().lookAt(desk, nowNs)) > 0;
    for (int i = 0; i < devices.size(); i++) {
      devices.get(i).flush();
    }
    return worked;
  }

  @Override
  public void onClose() {
    ended = true;
    runLeftCommands();
  }

  /** After the end: runs what was submitted too late to be seen. Any thread. */
  public synchronized void runLeftCommands() {
    Runnable command = commands.poll();
    while (command != null) {
      command.run();
      command = commands.poll();
    }
  }

  private boolean runCommands() {
    int ran = 0;
    while (ran < COMMANDS_PER_ROUND) {
      Runnable command = commands.poll();
      if (command == null) {
        break;
      }
      command.run();
      ran++;
    }
    return ran > 0;
  }

  private boolean hasWork() {
    if (!commands.isEmpty() || wheel.hasRequests() || ending) {
      return true;
    }
    for (int i = 0; i < devices.size(); i++) {
      if (devices.get(i).hasWork()) {
        return true;
      }
    }
    return false;
  }

  private long sleepNs() {
    long deadlineNs = wheel.nextDeadlineNs();
    long ns = deadlineNs == TimerWheel.NONE ? FOREVER_NS : deadlineNs - clock.nowNs();
    for (int i = 0; i < devices.size(); i++) {
      if (devices.get(i).hasRetiredKeypairs()) {
        ns = Math.min(ns, RETIRE_POLL_NS);
      }
    }
    return Math.max(ns, 0);
  }
}
