package cloud.runbeam.wgagent.platform.api;

import java.time.Duration;
import java.util.Optional;

/**
 * Tells the service manager that started this process how it is doing. Without one, every call does
 * nothing. Any thread; never throws, because a service manager that cannot be told is no reason to
 * take a tunnel down.
 */
public interface ServiceNotifier {
  /** There is no service manager that listens. */
  ServiceNotifier NONE =
      new ServiceNotifier() {
        @Override
        public boolean isListening() {
          return false;
        }

        @Override
        public void ready(String status) {}

        @Override
        public void status(String status) {}

        @Override
        public void reloading() {}

        @Override
        public void stopping() {}
      };

  /** Whether a service manager waits to be told. */
  boolean isListening();

  /** Start-up or a reload is complete; {@code status} is one line for people. */
  void ready(String status);

  /** Nothing changed but the line for people. */
  void status(String status);

  /** A reload begins; {@link #ready} ends it. */
  void reloading();

  /** Shutdown begins. */
  void stopping();

  /** Within which time {@link #alive} must be called again and again; empty: nobody counts. */
  default Optional<Duration> watchdog() {
    return Optional.empty();
  }

  /** The process works. Who does not hear this in time ends it and starts it again. */
  default void alive() {}
}
