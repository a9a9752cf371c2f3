package cloud.runbeam.wgagent.platform.linux.service;

import cloud.runbeam.wgagent.platform.api.ServiceNotifier;
import cloud.runbeam.wgagent.platform.linux.ffi.SeldomLibC;
import com.sun.jna.LastErrorException;
import com.sun.jna.NativeLong;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The notification protocol of systemd (sd_notify(3)): a datagram of {@code KEY=value} lines to the
 * Unix socket that {@code NOTIFY_SOCKET} names, by path or, with a leading {@code @}, in the
 * abstract namespace.
 */
public final class SystemdNotifier implements ServiceNotifier {
  /** {@code sun_path} of sys/un.h holds this many bytes. */
  private static final int MAX_ADDRESS_BYTES = 108;

  private static final int FAMILY_BYTES = 2;

  private final byte @Nullable [] address;
  private final LongSupplier monotonicMicros;
  private final Optional<Duration> watchdog;

  /**
   * A notifier.
   *
   * @param socket value of {@code NOTIFY_SOCKET}, null when nobody listens; one that is no socket
   *     address counts as null
   * @param monotonicMicros CLOCK_MONOTONIC in microseconds, which RELOADING=1 must carry
   */
  public SystemdNotifier(@Nullable String socket, LongSupplier monotonicMicros) {
    this(socket, monotonicMicros, Optional.empty());
  }

  private SystemdNotifier(
      @Nullable String socket, LongSupplier monotonicMicros, Optional<Duration> watchdog) {
    this.address = socket == null ? null : address(socket);
    this.monotonicMicros = monotonicMicros;
    this.watchdog = watchdog;
  }

  /**
   * The notifier that systemd's variables in {@code environment} ask for: NOTIFY_SOCKET,
   * WATCHDOG_USEC, and WATCHDOG_PID, which names whom the watchdog is for (sd_watchdog_enabled(3)).
   */
  public static SystemdNotifier of(
      Map<String, String> environment, long pid, LongSupplier monotonicMicros) {
    String owner = environment.getOrDefault("WATCHDOG_PID", "");
    boolean ours = owner.isEmpty() || owner.equals(String.valueOf(pid));
    return new SystemdNotifier(
        environment.get("NOTIFY_SOCKET"),
        monotonicMicros,
        ours ? micros(environment.getOrDefault("WATCHDOG_USEC", "")) : Optional.empty());
  }

  private static Optional<Duration> micros(String text) {
    return text.matches("[1-9][0-9]{0,14}")
        ? Optional.of(Duration.ofNanos(Long.parseLong(text) * 1_000))
        : Optional.empty();
  }

  @Override
  public Optional<Duration> watchdog() {
    return isListening() ? watchdog : Optional.empty();
  }

  @Override
  public void alive() {
    send("WATCHDOG=1");
  }

  @Override
  public boolean isListening() {
    return address != null;
  }

  @Override
  public void ready(String status) {
    send("READY=1\nSTATUS=" + line(status));
  }

  @Override
  public void status(String status) {
    send("STATUS=" + line(status));
  }

  @Override
  public void reloading() {
    send("RELOADING=1\nMONOTONIC_USEC=" + monotonicMicros.getAsLong());
  }

  @Override
  public void stopping() {
    send("STOPPING=1");
  }

  private void send(String message) {
    byte[] to = address;
    if (to == null) {
      return;
    }
    byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
    SeldomLibC library = SeldomLibC.get();
    int socket = -1;
    try {
      socket = library.socket(SeldomLibC.AF_UNIX, SeldomLibC.SOCK_DGRAM_CLOEXEC, 0);
      library.sendto(
          socket, bytes, new NativeLong(bytes.length), SeldomLibC.MSG_NOSIGNAL, to, to.length);
    } catch (LastErrorException e) {
      // The service manager is gone or does not listen any more; the tunnel is worth more than its
      // opinion.
    } finally {
      if (socket >= 0) {
        library.close(socket);
      }
    }
  }

  /** {@code struct sockaddr_un}, as long as the name needs. */
  private static byte @Nullable [] address(String socket) {
    byte[] name = socket.getBytes(StandardCharsets.UTF_8);
    boolean isAbstract = socket.startsWith("@");
    if (name.length < 2
        || name.length >= MAX_ADDRESS_BYTES
        || !(isAbstract || socket.startsWith("/"))) {
      return null;
    }
    byte[] result = new byte[FAMILY_BYTES + name.length + (isAbstract ? 0 : 1)];
    result[0] =
        SeldomLibC.AF_UNIX; // little-endian sa_family_t, as on every Linux that has a JDK 25
    System.arraycopy(name, 0, result, FAMILY_BYTES, name.length);
    if (isAbstract) {
      result[FAMILY_BYTES] = 0;
    }
    return result;
  }

  private static String line(String status) {
    return status.replace('\n', ' ');
  }
}
